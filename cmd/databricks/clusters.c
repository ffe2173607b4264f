/* The commands on clusters: create, list, start, terminate, wait. */
#include "base/clock.h"
#include "base/signals.h"
#include "databricks.h"
#include "sdp/mem.h"

#include <stdio.h>
#include <string.h>

/* ---- the choice of version and node ---- */

/*
 * Returns a number that orders versions: 15004 for "15.4.x-scala2.13", or 0 for other kinds of
 * versions (ml, gpu, photon, arm) and those without long-term support.
 */
static double version_of(const char *key, const char *name)
{
	static const char *const others[] = {"-ml-",     "-hls-",     "-gpu-",
					     "-photon-", "-aarch64-", "apache-spark-"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strstr(key, others[i]))
			return 0;
	if (!(strstr(name, "LTS") || strstr(key, "-esr-")) || strstr(name, "Beta"))
		return 0;
	char *end;
	unsigned long major = strtoul(key, &end, 10),
		      minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	/*
	 * Of two builds of one version the one for the older Scala is preferred, as other tools do.
	 */
	return (double)(major * 1000 + minor) + (strstr(key, "-scala2.12") ? 0.5 : 0);
}

char *databricks_choose_version(struct databricks *c, cJSON *answer, struct sdp_err *err)
{
	const char *best = c->p->spark_version;
	const cJSON *item;
	double most = 0;
	cJSON_ArrayForEach(item, sdp_doc_member(answer, "versions"))
	{
		const char *key = databricks_text(item, "key"),
			   *name = databricks_text(item, "name");
		double version = key && name && !c->p->spark_version ? version_of(key, name) : 0;
		if (version > most) {
			most = version;
			best = key;
		}
	}
	if (!best) {
		sdp_fail(err, SDP_SYSTEM,
			 "the workspace has no Spark version with long-term support: give one by "
			 "--spark-version");
		return NULL;
	}
	return sdp_strndup(best, strlen(best), err);
}

static bool available(const cJSON *node)
{
	const cJSON *status;
	cJSON_ArrayForEach(status, sdp_doc_member(sdp_doc_member(node, "node_info"), "status"))
	{
		const char *text = cJSON_GetStringValue(status);
		if (text && (strcmp(text, "NotAvailableInRegion") == 0 ||
			     strcmp(text, "NotEnabledOnSubscription") == 0))
			return false;
	}
	/* Graviton nodes need other versions of Spark. */
	return !cJSON_IsTrue(sdp_doc_member(node, "is_deprecated")) &&
	       !cJSON_IsTrue(sdp_doc_member(node, "is_graviton")) &&
	       databricks_integer(node, "num_gpus") == 0;
}

/*
 * Rates a node: general-purpose nodes are better, and so are nodes with local disks. On AWS, other
 * nodes need volumes, which the user would have to choose.
 */
static int suits(const cJSON *node)
{
	const char *category = databricks_text(node, "category");
	const cJSON *machine = sdp_doc_member(node, "node_instance_type");
	bool disks = databricks_integer(machine, "local_disks") > 0 ||
		     databricks_integer(machine, "local_nvme_disks") > 0;
	return 2 * (category && strncmp(category, "General Purpose", 15) == 0) + disks;
}

/* Orders nodes by cores, then by memory. */
static double size_of(const cJSON *node)
{
	const char *cores = databricks_text(node, "num_cores");
	return (cores ? strtod(cores, NULL) : 1e6) * 1e9 +
	       (double)databricks_integer(node, "memory_mb");
}

char *databricks_choose_node(struct databricks *c, cJSON *answer, struct sdp_err *err)
{
	const char *best = c->p->node_type;
	const cJSON *item;
	double least = 0;
	int most = -1;
	cJSON_ArrayForEach(item, sdp_doc_member(answer, "node_types"))
	{
		const char *id = databricks_text(item, "node_type_id");
		if (c->p->node_type || !id || !available(item) || suits(item) < most)
			continue;
		double size = size_of(item);
		if (suits(item) > most || size < least) {
			best = id;
			least = size;
			most = suits(item);
		}
	}
	if (!best) {
		sdp_fail(err, SDP_SYSTEM,
			 "the workspace has no suitable node type: give one by --node-type");
		return NULL;
	}
	return sdp_strndup(best, strlen(best), err);
}

/* Configures a cluster of a single node, as Spark requires it. */
static int put_single(cJSON *spec, struct sdp_err *err)
{
	cJSON *conf = sdp_doc_object(spec, "spark_conf", err),
	      *tags = sdp_doc_object(spec, "custom_tags", err);
	if (!conf || !tags ||
	    sdp_doc_text(conf, "spark.databricks.cluster.profile", "singleNode", err) < 0 ||
	    sdp_doc_text(conf, "spark.master", "local[*]", err) < 0)
		return -1;
	return sdp_doc_text(tags, "ResourceClass", "SingleNode", err);
}

int databricks_put_cluster(struct databricks *c, cJSON *spec, int64_t workers, struct sdp_err *err)
{
	cJSON *versions = NULL, *nodes = NULL;
	int rc = 0;
	if (!c->p->spark_version &&
	    !(versions = databricks_ask(c, "GET", "/api/2.1/clusters/spark-versions", NULL, false,
					err)))
		rc = -1;
	if (rc == 0 && !c->p->node_type &&
	    !(nodes = databricks_ask(c, "GET", "/api/2.1/clusters/list-node-types", NULL, false,
				     err)))
		rc = -1;
	char *version = rc == 0 ? databricks_choose_version(c, versions, err) : NULL;
	char *node = version ? databricks_choose_node(c, nodes, err) : NULL;
	/* The notebook uses RDDs, which shared clusters do not allow. */
	if (!node || sdp_doc_text(spec, "data_security_mode", "SINGLE_USER", err) < 0 ||
	    sdp_doc_text(spec, "node_type_id", node, err) < 0 ||
	    sdp_doc_integer(spec, "num_workers", workers, err) < 0 ||
	    sdp_doc_text(spec, "spark_version", version, err) < 0 ||
	    (workers == 0 && put_single(spec, err) < 0))
		rc = -1;
	free(version);
	free(node);
	cJSON_Delete(versions);
	cJSON_Delete(nodes);
	return rc;
}

/* ---- waiting ---- */

static cJSON *get_cluster(struct databricks *c, const char *id, struct sdp_err *err)
{
	return databricks_find(c, "/api/2.1/clusters/get", "cluster_id", id, err);
}

static int cluster_failed(const cJSON *cluster, const char *state, struct sdp_err *err)
{
	const cJSON *reason = sdp_doc_member(cluster, "termination_reason"), *item;
	const char *code = databricks_text(reason, "code"),
		   *message = databricks_text(cluster, "state_message");
	char more[300] = "";
	size_t n = 0;
	cJSON_ArrayForEach(item, sdp_doc_member(reason, "parameters")) if (cJSON_IsString(item) &&
									   n < sizeof more) n +=
		(size_t)snprintf(more + n, sizeof more - n, "; %s: %s", item->string,
				 item->valuestring);
	return sdp_fail(err, SDP_SYSTEM, "cluster %.60s is %s%s%s%s%.300s%.300s",
			databricks_text(cluster, "cluster_id"), state, code ? ", " : "",
			code ? code : "", message && *message ? ": " : "", message ? message : "",
			more);
}

/* Waits until the cluster is in the wanted state. Returns the last answer, or NULL. */
static cJSON *wait_for_state(struct databricks *c, const char *id, const char *wanted,
			     struct sdp_err *err)
{
	uint64_t begin = sdp_clock_ms();
	char last[40] = "";
	for (int turn = 0;;) {
		cJSON *cluster =
			databricks_poll(c, "/api/2.1/clusters/get", "cluster_id", id, begin, err);
		const char *state = databricks_text(cluster, "state");
		if (!cluster)
			return NULL;
		if (state && strcmp(state, wanted) == 0)
			return cluster;
		bool ended =
			state &&
			(strcmp(state, "TERMINATED") == 0 || strcmp(state, "ERROR") == 0 ||
			 strcmp(state, "UNKNOWN") == 0 ||
			 (strcmp(state, "TERMINATING") == 0 && strcmp(wanted, "RUNNING") == 0));
		if (state && strcmp(state, last) != 0)
			sdp_say("cluster %s: %s", id, state);
		snprintf(last, sizeof last, "%s", state ? state : "");
		int rc = ended || !state
				 ? cluster_failed(cluster, state ? state : "without a state", err)
				 : databricks_wait(c, &turn, begin, err);
		cJSON_Delete(cluster);
		if (rc < 0)
			return NULL;
	}
}

/* ---- documents ---- */

static int put_document(cJSON *doc, const cJSON *cluster, struct sdp_err *err)
{
	static const char *const names[] = {"cluster_id",
					    "cluster_name",
					    "state",
					    "spark_version",
					    "node_type_id",
					    "num_workers",
					    "autotermination_minutes",
					    "creator_user_name"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (databricks_copy(doc, names[i], cluster, names[i], err) < 0)
			return -1;
	return 0;
}

/* Writes the document of a cluster. With --wait waits for the wanted state first. */
static int show(struct databricks *c, const char *id, const char *wanted, struct sdp_err *err)
{
	cJSON *cluster = c->p->wait ? wait_for_state(c, id, wanted, err) : get_cluster(c, id, err);
	int rc = cluster ? put_document(c->doc, cluster, err) : -1;
	cJSON_Delete(cluster);
	return rc;
}

int databricks_create_cluster(struct databricks *c, struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	int64_t workers = c->p->workers < 0 ? 1 : c->p->workers;
	if (!c->p->cluster_name || !body) {
		cJSON_Delete(body);
		return body ? sdp_fail(err, SDP_USAGE, "create-cluster needs --cluster-name NAME")
			    : sdp_fail_memory(err);
	}
	if (sdp_doc_integer(body, "autotermination_minutes", c->p->autotermination, err) < 0 ||
	    sdp_doc_text(body, "cluster_name", c->p->cluster_name, err) < 0 ||
	    databricks_put_cluster(c, body, workers, err) < 0) {
		cJSON_Delete(body);
		return -1;
	}
	cJSON *made = databricks_ask(c, "POST", "/api/2.1/clusters/create", body, true, err);
	const char *id = databricks_text(made, "cluster_id");
	int rc = -1;
	if (made && !id)
		sdp_fail(err, SDP_SYSTEM,
			 "POST /api/2.1/clusters/create: the answer has no cluster_id");
	if (id) {
		/* The user must learn the id even if waiting fails: the cluster exists. */
		sdp_say("cluster %s was created", id);
		rc = show(c, id, "RUNNING", err);
		if (rc < 0 && !c->p->wait && !sdp_interrupted) {
			sdp_warn("%s", err->text);
			rc = put_document(c->doc, made, err);
		}
	}
	cJSON_Delete(made);
	return rc;
}

static int take_cluster(void *context, const cJSON *item, struct sdp_err *err)
{
	cJSON *row = sdp_doc_row(context, err);
	return row ? put_document(row, item, err) : -1;
}

int databricks_clusters(struct databricks *c, struct sdp_err *err)
{
	cJSON *rows = sdp_doc_array(c->doc, "clusters", err);
	return rows ? databricks_pages(c, "/api/2.1/clusters/list?page_size=100", "clusters",
				       take_cluster, rows, err)
		    : -1;
}

static int send_id(struct databricks *c, const char *path, const char *id, struct sdp_err *err)
{
	cJSON *body = cJSON_CreateObject();
	if (!body || sdp_doc_text(body, "cluster_id", id, err) < 0) {
		cJSON_Delete(body);
		return sdp_fail_memory(err);
	}
	return databricks_tell(c, "POST", path, body, err);
}

static const char *cluster_of(struct databricks *c, struct sdp_err *err)
{
	const char *id = c->count ? c->operands[0] : c->settings.cluster_id.value;
	if (!id)
		sdp_fail(err, SDP_USAGE, "no cluster is given: CLUSTER_ID or --cluster-id");
	return id;
}

int databricks_start(struct databricks *c, struct sdp_err *err)
{
	const char *id = cluster_of(c, err);
	if (!id)
		return -1;
	struct sdp_err why;
	if (send_id(c, "/api/2.1/clusters/start", id, err) == 0)
		return show(c, id, "RUNNING", err);
	/* It is not an error if the cluster is running or starting already. */
	cJSON *cluster = strcmp(c->code, "INVALID_STATE") == 0 ? get_cluster(c, id, &why) : NULL;
	const char *state = databricks_text(cluster, "state");
	bool well = state && strcmp(state, "TERMINATING") != 0 &&
		    strcmp(state, "TERMINATED") != 0 && strcmp(state, "ERROR") != 0 &&
		    strcmp(state, "UNKNOWN") != 0;
	cJSON_Delete(cluster);
	return well ? show(c, id, "RUNNING", err) : -1;
}

int databricks_terminate(struct databricks *c, struct sdp_err *err)
{
	const char *id = cluster_of(c, err);
	if (!id || send_id(c, "/api/2.1/clusters/delete", id, err) < 0)
		return -1;
	return show(c, id, "TERMINATED", err);
}
