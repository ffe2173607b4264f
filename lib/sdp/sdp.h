/* Includes all public headers of sdp. */
#ifndef SDP_SDP_H
#define SDP_SDP_H

#include "sdp/block.h"
#include "sdp/buf.h"
#include "sdp/columns.h"
#include "sdp/doc.h"
#include "sdp/engine.h"
#include "sdp/err.h"
#include "sdp/exact.h"
#include "sdp/mem.h"
#include "sdp/messages.h"
#include "sdp/num.h"
#include "sdp/output.h"
#include "sdp/program.h"
#include "sdp/row_writer.h"
#include "sdp/rows.h"
#include "sdp/run.h"
#include "sdp/schema.h"
#include "sdp/shared_arena.h"
#include "sdp/spill.h"
#include "sdp/task.h"
#include "sdp/type.h"

#endif
