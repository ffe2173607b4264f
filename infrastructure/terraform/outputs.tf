output "bucket" {
  description = "The bucket's name"
  value       = aws_s3_bucket.data.bucket
}

output "environment" {
  description = "For a shell: eval \"$(terraform output -raw environment)\""
  sensitive   = true
  value = join("\n", concat([
    "export STORAGE_BACKEND=s3",
    "export S3_BUCKET=${aws_s3_bucket.data.bucket}",
    "export S3_PREFIX=${var.prefix}",
    "export AWS_REGION=${var.aws_region}",
    ], var.create_access_key ? [
    "export AWS_ACCESS_KEY_ID=${aws_iam_access_key.upload[0].id}",
    "export AWS_SECRET_ACCESS_KEY=${aws_iam_access_key.upload[0].secret}",
    ] : [], var.databricks_host == "" ? [] : [
    "export DATABRICKS_HOST=${var.databricks_host}",
  ], [""]))
}

output "role_arn" {
  description = "The role of sdp-upload, for trusted_principals"
  value       = aws_iam_role.upload.arn
}

output "instance_profile" {
  description = "The same role, for machines of EC2"
  value       = aws_iam_instance_profile.upload.name
}

output "upload_policy" {
  description = "What sdp-upload may do, to be attached to another role"
  value       = data.aws_iam_policy_document.upload.json
}

output "cluster_id" {
  description = "For sdp-databricks run --cluster-id; null without create_cluster"
  value       = one(databricks_cluster.sdp[*].id)
}

output "job_id" {
  description = "The job that runs the notebook; null without Databricks"
  value       = one(databricks_job.ml_jobs[*].id)
}

output "notebook_path" {
  description = "For sdp-databricks run --notebook; null without Databricks"
  value       = one(databricks_notebook.ml_jobs[*].path)
}
