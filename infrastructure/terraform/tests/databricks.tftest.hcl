# The workspace: what is made, by whom it may be used, and what it may cost.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = {
      arn = "arn:aws:iam::123456789012:instance-profile/sdp-upload"
    }
  }
}
mock_provider "databricks" {
  mock_data "databricks_node_type" {
    defaults = {
      id = "m5d.large"
    }
  }
  mock_data "databricks_spark_version" {
    defaults = {
      id = "16.4.x-scala2.12"
    }
  }
}
mock_provider "random" {}

variables {
  databricks_host = "https://dbc-00000000-0000.cloud.databricks.com"
}

run "runs_have_a_cluster_of_their_own" {
  command = apply

  assert {
    condition     = length(databricks_permissions.job) + length(databricks_permissions.notebook) + length(databricks_permissions.job_policy) + length(databricks_permissions.cluster) == 0
    error_message = "Somebody has permissions without being named."
  }
  assert {
    condition     = length(databricks_cluster.sdp) == 0 && length(databricks_cluster_policy.interactive) == 0
    error_message = "A cluster is made without being asked for."
  }
  assert {
    condition     = one(databricks_job.ml_jobs[0].task).job_cluster_key == one(databricks_job.ml_jobs[0].job_cluster).job_cluster_key && one(databricks_job.ml_jobs[0].task).existing_cluster_id == null
    error_message = "The task does not run on the job's cluster."
  }
  assert {
    condition     = one(one(databricks_job.ml_jobs[0].job_cluster).new_cluster).policy_id == databricks_cluster_policy.job[0].id
    error_message = "No policy bounds the job's cluster."
  }
  assert {
    condition     = one(one(one(databricks_job.ml_jobs[0].job_cluster).new_cluster).aws_attributes).instance_profile_arn == databricks_instance_profile.upload[0].id
    error_message = "The job's cluster has not the role of the bucket."
  }
  assert {
    condition     = databricks_instance_profile.upload[0].iam_role_arn == aws_iam_role.upload.arn && length(aws_iam_role_policy.pass) == 0
    error_message = "The profile in the workspace is not that of the role."
  }
}

run "policy" {
  command = apply

  variables {
    node_types           = ["m5d.xlarge"]
    cluster_workers_most = 6
    dbus_per_hour_most   = 12
  }

  assert {
    condition     = jsondecode(databricks_cluster_policy.job[0].definition)["node_type_id"].values == ["m5d.large", "m5d.xlarge"]
    error_message = "Other types of machines are allowed."
  }
  assert {
    condition     = jsondecode(databricks_cluster_policy.job[0].definition)["num_workers"].maxValue == 6 && jsondecode(databricks_cluster_policy.job[0].definition)["autoscale.max_workers"].maxValue == 6
    error_message = "More workers are allowed."
  }
  assert {
    condition     = jsondecode(databricks_cluster_policy.job[0].definition)["dbus_per_hour"].maxValue == 12
    error_message = "A cluster may cost more."
  }
  assert {
    condition     = jsondecode(databricks_cluster_policy.job[0].definition)["cluster_type"].value == "job" && !contains(keys(jsondecode(databricks_cluster_policy.job[0].definition)), "autotermination_minutes")
    error_message = "The policy is not one of clusters of jobs."
  }
  assert {
    condition     = jsondecode(databricks_cluster_policy.job[0].definition)["aws_attributes.instance_profile_arn"].value == "arn:aws:iam::123456789012:instance-profile/sdp-upload"
    error_message = "Another role is allowed."
  }
}

run "permissions" {
  command = apply

  variables {
    databricks_group          = "analysts"
    create_cluster            = true
    cluster_user              = "ann@example.com"
    databricks_workspace_role = "databricks-workspace"
  }

  assert {
    condition = alltrue([for p in [databricks_permissions.notebook[0], databricks_permissions.job[0], databricks_permissions.job_policy[0]] :
    one(p.access_control).group_name == "analysts"])
    error_message = "Somebody else has permissions."
  }
  assert {
    condition     = one(databricks_permissions.job[0].access_control).permission_level == "CAN_MANAGE_RUN" && one(databricks_permissions.notebook[0].access_control).permission_level == "CAN_READ" && one(databricks_permissions.job_policy[0].access_control).permission_level == "CAN_USE" && one(databricks_permissions.cluster[0].access_control).permission_level == "CAN_RESTART"
    error_message = "The group may do more or less than run things."
  }
  assert {
    condition     = databricks_permissions.job[0].job_id == databricks_job.ml_jobs[0].id && databricks_permissions.cluster[0].cluster_id == databricks_cluster.sdp[0].id
    error_message = "The permissions are those of other things."
  }
  assert {
    condition     = databricks_cluster.sdp[0].single_user_name == "ann@example.com" && one(databricks_permissions.cluster[0].access_control).user_name == "ann@example.com"
    error_message = "The cluster is not that of its user."
  }
  assert {
    condition     = jsondecode(databricks_cluster_policy.interactive[0].definition)["autotermination_minutes"].maxValue == 120 && databricks_cluster.sdp[0].autotermination_minutes == 60
    error_message = "The cluster does not end by itself."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.pass[0].policy).Statement[0].Resource == aws_iam_role.upload.arn && aws_iam_role_policy.pass[0].role == "databricks-workspace"
    error_message = "The workspace may not pass on the role."
  }
}

run "cluster_of_nobody" {
  command = plan

  variables {
    create_cluster = true
  }

  expect_failures = [databricks_cluster.sdp]
}

run "bad_numbers" {
  command = plan

  variables {
    cluster_workers         = 0
    autotermination_minutes = 0
  }

  expect_failures = [var.cluster_workers, var.autotermination_minutes]
}
