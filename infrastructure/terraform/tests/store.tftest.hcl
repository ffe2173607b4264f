# The bucket and the role, without Databricks.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = {
      json = "{}"
    }
  }
}
mock_provider "databricks" {}
mock_provider "random" {}

run "by_default" {
  command = plan

  assert {
    condition     = length(aws_iam_access_key.upload) == 0 && length(aws_iam_user.upload) == 0 && length(aws_iam_group.upload) == 0
    error_message = "Keys or a user are made without being asked for."
  }
  assert {
    condition     = aws_s3_bucket_public_access_block.data.restrict_public_buckets && aws_s3_bucket_public_access_block.data.block_public_policy
    error_message = "The bucket can be made public."
  }
  assert {
    condition     = length(data.aws_iam_policy_document.assume.statement) == 1
    error_message = "Somebody beside machines may take on the role."
  }
  assert {
    condition     = length(databricks_job.ml_jobs) + length(databricks_cluster.sdp) + length(databricks_notebook.ml_jobs) + length(databricks_instance_profile.upload) == 0
    error_message = "Something is made in a workspace that was not given."
  }
  assert {
    condition     = output.cluster_id == null && output.job_id == null && output.notebook_path == null
    error_message = "There are ids of what is not there."
  }
}

run "applied" {
  command = apply

  assert {
    condition     = aws_iam_role_policy.upload.role == aws_iam_role.upload.id && aws_iam_instance_profile.upload.role == aws_iam_role.upload.name
    error_message = "The role is not the one with the policy."
  }
  assert {
    condition     = strcontains(output.environment, "export S3_PREFIX=sdp\n") && !strcontains(output.environment, "SECRET")
    error_message = "The environment lacks the prefix, or has a secret."
  }
  assert {
    condition     = output.role_arn == aws_iam_role.upload.arn
    error_message = "The output is not the role."
  }
}

run "with_keys_and_people" {
  command = apply

  variables {
    create_access_key  = true
    trusted_principals = ["arn:aws:iam::123456789012:user/alice"]
    bucket_name        = "figures-of-alice"
    prefix             = "team/a"
  }

  assert {
    condition     = aws_iam_group_policy.upload[0].policy == aws_iam_role_policy.upload.policy
    error_message = "The keys may do something else than the role."
  }
  assert {
    condition     = length(data.aws_iam_policy_document.assume.statement) == 2
    error_message = "Alice may not take on the role."
  }
  assert {
    condition     = strcontains(output.environment, "export AWS_SECRET_ACCESS_KEY=") && strcontains(output.environment, "export S3_BUCKET=figures-of-alice\n")
    error_message = "The environment lacks the keys or the bucket."
  }
  assert {
    condition     = aws_iam_role.upload.name == "figures-of-alice-upload"
    error_message = "The role has another name."
  }
}

run "bad_names" {
  command = plan

  variables {
    bucket_name        = "Figures"
    prefix             = "/a/"
    trusted_principals = ["*"]
  }

  expect_failures = [var.bucket_name, var.prefix, var.trusted_principals]
}

run "dots_in_the_bucket" {
  command = plan

  variables {
    bucket_name = "a..b"
  }

  expect_failures = [var.bucket_name]
}
