# The notebook, a cluster that ends by itself, a job, and the bucket's keys as secrets.  Nothing of it without databricks_host.

provider "databricks" {
  host  = var.databricks_host == "" ? null : var.databricks_host
  token = var.databricks_token
}

locals {
  databricks = var.databricks_host == "" ? 0 : 1
}

data "databricks_spark_version" "lts" {
  count             = local.databricks
  long_term_support = true
}

data "databricks_node_type" "smallest" {
  count      = local.databricks
  category   = "General Purpose"
  local_disk = true
}

resource "databricks_notebook" "ml_jobs" {
  count    = local.databricks
  source   = "${path.module}/../../notebooks/spark_ml_jobs.py"
  path     = var.notebook_path
  language = "PYTHON"
}

resource "databricks_cluster_policy" "sdp" {
  count = local.databricks
  name  = "${var.project}-policy"
  definition = jsonencode({
    "num_workers" = {
      type         = "range"
      minValue     = 1
      maxValue     = var.cluster_workers_most
      defaultValue = var.cluster_workers
    }
    "autotermination_minutes" = {
      type         = "range"
      minValue     = 10
      maxValue     = 240
      defaultValue = var.autotermination_minutes
    }
    "spark_version" = {
      type  = "fixed"
      value = data.databricks_spark_version.lts[0].id
    }
    "data_security_mode" = {
      type  = "fixed"
      value = "SINGLE_USER"
    }
  })
}

resource "databricks_cluster" "sdp" {
  count                   = local.databricks
  cluster_name            = var.cluster_name
  policy_id               = databricks_cluster_policy.sdp[0].id
  spark_version           = data.databricks_spark_version.lts[0].id
  node_type_id            = data.databricks_node_type.smallest[0].id
  num_workers             = var.cluster_workers
  autotermination_minutes = var.autotermination_minutes
  data_security_mode      = "SINGLE_USER"
  custom_tags             = local.tags
}

# Its one parameter is the notebook's: a JSON array of a task's options.
resource "databricks_job" "ml_jobs" {
  count               = local.databricks
  name                = "${var.project}-ml-jobs"
  max_concurrent_runs = 4

  task {
    task_key            = "ml_jobs"
    existing_cluster_id = databricks_cluster.sdp[0].id
    max_retries         = 0
    timeout_seconds     = 14400
    notebook_task {
      notebook_path = databricks_notebook.ml_jobs[0].path
      base_parameters = {
        arguments = "[]"
      }
    }
  }
}

resource "databricks_secret_scope" "sdp" {
  count = local.databricks
  name  = "${var.project}-storage"
}

resource "databricks_secret" "access_key_id" {
  count        = var.create_access_key ? local.databricks : 0
  scope        = databricks_secret_scope.sdp[0].name
  key          = "aws_access_key_id"
  string_value = aws_iam_access_key.upload[0].id
}

resource "databricks_secret" "secret_access_key" {
  count        = var.create_access_key ? local.databricks : 0
  scope        = databricks_secret_scope.sdp[0].name
  key          = "aws_secret_access_key"
  string_value = aws_iam_access_key.upload[0].secret
}
