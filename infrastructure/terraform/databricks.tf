# The notebook, a job that runs it on a cluster of its own, what both may cost, and who may use them.  Nothing of it
# without databricks_host.

provider "databricks" {
  host  = var.databricks_host == "" ? null : var.databricks_host
  token = var.databricks_token
}

locals {
  databricks = var.databricks_host == "" ? 0 : 1
  cluster    = var.create_cluster ? local.databricks : 0
  group      = var.databricks_group == null ? 0 : local.databricks

  node_type  = one(data.databricks_node_type.smallest[*].id)
  node_types = distinct(concat(local.node_type == null ? [] : [local.node_type], var.node_types))

  # What every cluster must keep to.
  policy = {
    "num_workers" = {
      type         = "range"
      minValue     = 1
      maxValue     = var.cluster_workers_most
      defaultValue = var.cluster_workers
    }
    "autoscale.max_workers" = {
      type       = "range"
      maxValue   = var.cluster_workers_most
      isOptional = true
    }
    "node_type_id" = {
      type         = "allowlist"
      values       = local.node_types
      defaultValue = local.node_type
    }
    "driver_node_type_id" = {
      type       = "allowlist"
      values     = local.node_types
      isOptional = true
    }
    "instance_pool_id" = {
      type = "forbidden"
    }
    "driver_instance_pool_id" = {
      type = "forbidden"
    }
    "dbus_per_hour" = {
      type     = "range"
      maxValue = var.dbus_per_hour_most
    }
    "spark_version" = {
      type  = "fixed"
      value = one(data.databricks_spark_version.lts[*].id)
    }
    "data_security_mode" = {
      type  = "fixed"
      value = "SINGLE_USER"
    }
    "aws_attributes.instance_profile_arn" = {
      type  = "fixed"
      value = aws_iam_instance_profile.upload.arn
    }
  }
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

# Clusters read and write the bucket by the role: no key is stored in the workspace.  The workspace itself has to be
# allowed to hand the role to its machines.
resource "aws_iam_role_policy" "pass" {
  count = var.databricks_workspace_role == null ? 0 : local.databricks
  name  = "${local.bucket}-pass"
  role  = var.databricks_workspace_role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "PassRole"
      Effect   = "Allow"
      Action   = "iam:PassRole"
      Resource = aws_iam_role.upload.arn
    }]
  })
}

resource "databricks_instance_profile" "upload" {
  count                = local.databricks
  instance_profile_arn = aws_iam_instance_profile.upload.arn
  iam_role_arn         = aws_iam_role.upload.arn
  depends_on           = [aws_iam_role_policy.pass]
}

resource "databricks_notebook" "ml_jobs" {
  count    = local.databricks
  source   = "${path.module}/../../notebooks/spark_ml_jobs.py"
  path     = var.notebook_path
  language = "PYTHON"
}

resource "databricks_cluster_policy" "job" {
  count                 = local.databricks
  name                  = "${var.project}-job"
  max_clusters_per_user = var.clusters_per_user_most
  definition = jsonencode(merge(local.policy, {
    "cluster_type" = {
      type  = "fixed"
      value = "job"
    }
  }))
}

# Its one parameter is the notebook's: a JSON array of a task's options.
resource "databricks_job" "ml_jobs" {
  count               = local.databricks
  name                = "${var.project}-ml-jobs"
  max_concurrent_runs = var.clusters_per_user_most
  tags                = local.tags

  job_cluster {
    job_cluster_key = "ml_jobs"
    new_cluster {
      policy_id          = databricks_cluster_policy.job[0].id
      spark_version      = data.databricks_spark_version.lts[0].id
      node_type_id       = local.node_type
      num_workers        = var.cluster_workers
      data_security_mode = "SINGLE_USER"
      custom_tags        = local.tags
      aws_attributes {
        instance_profile_arn = databricks_instance_profile.upload[0].id
      }
    }
  }

  task {
    task_key        = "ml_jobs"
    job_cluster_key = "ml_jobs"
    max_retries     = 0
    timeout_seconds = var.run_seconds_most
    notebook_task {
      notebook_path = databricks_notebook.ml_jobs[0].path
      base_parameters = {
        arguments = "[]"
      }
    }
  }
}

# A cluster to work on by hand, only if it is asked for.
resource "databricks_cluster_policy" "interactive" {
  count                 = local.cluster
  name                  = "${var.project}-interactive"
  max_clusters_per_user = 1
  definition = jsonencode(merge(local.policy, {
    "cluster_type" = {
      type  = "fixed"
      value = "all-purpose"
    }
    "autotermination_minutes" = {
      type         = "range"
      minValue     = 10
      maxValue     = var.autotermination_minutes_most
      defaultValue = var.autotermination_minutes
    }
  }))
}

resource "databricks_cluster" "sdp" {
  count                   = local.cluster
  cluster_name            = var.cluster_name
  policy_id               = databricks_cluster_policy.interactive[0].id
  spark_version           = data.databricks_spark_version.lts[0].id
  node_type_id            = local.node_type
  num_workers             = var.cluster_workers
  autotermination_minutes = var.autotermination_minutes
  data_security_mode      = "SINGLE_USER"
  single_user_name        = var.cluster_user
  custom_tags             = local.tags
  aws_attributes {
    instance_profile_arn = databricks_instance_profile.upload[0].id
  }
  lifecycle {
    precondition {
      condition     = var.cluster_user != null
      error_message = "create_cluster needs cluster_user: the cluster is that of a single user."
    }
  }
}

# Who may use what, beside the administrators and whoever applied this.  Runs of the job have the rights of the latter and
# the role of the bucket, so no group has permissions without being named.
resource "databricks_permissions" "notebook" {
  count         = local.group
  notebook_path = databricks_notebook.ml_jobs[0].path
  access_control {
    group_name       = var.databricks_group
    permission_level = "CAN_READ"
  }
}

resource "databricks_permissions" "job" {
  count  = local.group
  job_id = databricks_job.ml_jobs[0].id
  access_control {
    group_name       = var.databricks_group
    permission_level = "CAN_MANAGE_RUN"
  }
}

resource "databricks_permissions" "job_policy" {
  count             = local.group
  cluster_policy_id = databricks_cluster_policy.job[0].id
  access_control {
    group_name       = var.databricks_group
    permission_level = "CAN_USE"
  }
}

resource "databricks_permissions" "cluster" {
  count      = local.cluster
  cluster_id = databricks_cluster.sdp[0].id
  access_control {
    user_name        = var.cluster_user
    permission_level = "CAN_RESTART"
  }
}
