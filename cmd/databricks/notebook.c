/* Embeds notebooks/spark_ml_jobs.py, which runs the tasks on Spark. */
#include "databricks.h"

/* The path is relative to the top of the source tree, where make runs the compiler. */
__asm__(".pushsection .rodata, \"a\"\n"
	".globl databricks_notebook\n.hidden databricks_notebook\n"
	".globl databricks_notebook_end\n.hidden databricks_notebook_end\n"
	"databricks_notebook:\n.incbin \"notebooks/spark_ml_jobs.py\"\n"
	"databricks_notebook_end:\n.byte 0\n.popsection\n");
