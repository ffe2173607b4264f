variable "aws_region" {
  description = "Region of the bucket"
  type        = string
  default     = "us-east-1"
}

variable "project" {
  description = "Beginning of the names of all things, and their tag"
  type        = string
  default     = "sdp"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.project))
    error_message = "Lower-case letters, digits and hyphens, up to 31, a letter first."
  }
}

variable "bucket_name" {
  description = "Name of the bucket; by default the project's with random digits behind it"
  type        = string
  default     = null
  validation {
    # "-upload" behind it is the name of a user, which has up to 64 characters.
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,55}[a-z0-9]$", var.bucket_name))
    error_message = "Lower-case letters, digits, dots and hyphens, 3 to 57, a letter or digit at both ends."
  }
}

variable "prefix" {
  description = "Where in the bucket sdp-upload works: S3_PREFIX"
  type        = string
  default     = "sdp"
  validation {
    condition     = can(regex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$", var.prefix))
    error_message = "Like a/b: letters, digits, dots, hyphens and underscores, no slash at either end."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the bucket; by default S3's own"
  type        = string
  default     = null
}

variable "force_destroy" {
  description = "Let terraform destroy delete a bucket with objects in it"
  type        = bool
  default     = false
}

variable "abort_multiparts_days" {
  description = "Days after which unfinished uploads are given up"
  type        = number
  default     = 2
}

variable "old_versions_days" {
  description = "Days for which overwritten and deleted objects are kept"
  type        = number
  default     = 30
}

variable "create_access_key" {
  description = "Make keys for sdp-upload; their secret is then in the state"
  type        = bool
  default     = true
}

variable "databricks_host" {
  description = "URL of a Databricks workspace; without it nothing is made there"
  type        = string
  default     = ""
}

variable "databricks_token" {
  description = "Token for it; by default the provider finds its own (environment, profile)"
  type        = string
  default     = null
  sensitive   = true
}

variable "notebook_path" {
  description = "Where in the workspace the notebook goes"
  type        = string
  default     = "/Shared/spark-data-processor/ml_jobs"
}

variable "cluster_name" {
  description = "Name of the cluster"
  type        = string
  default     = "spark-processor"
}

variable "cluster_workers" {
  description = "Workers of the cluster"
  type        = number
  default     = 4
}

variable "cluster_workers_most" {
  description = "The most workers that the policy allows"
  type        = number
  default     = 8
}

variable "autotermination_minutes" {
  description = "Minutes without work after which the cluster ends"
  type        = number
  default     = 60
}
