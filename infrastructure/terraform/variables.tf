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
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,55}[a-z0-9]$", var.bucket_name))
    error_message = "Lower-case letters, digits and hyphens, 3 to 57, a letter or digit at both ends; no dots, which the certificate of S3 does not cover."
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

variable "trusted_principals" {
  description = "ARNs of users and roles that may take on the role of sdp-upload"
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for arn in var.trusted_principals : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(user|role)/", arn))])
    error_message = "Each is the ARN of a user or a role, like arn:aws:iam::123456789012:user/alice."
  }
}

variable "create_access_key" {
  description = "Make long-lived keys for sdp-upload as well; their secret is then in the state"
  type        = bool
  default     = false
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

variable "databricks_workspace_role" {
  description = "Name of the role by which the workspace makes machines; it is then allowed to pass on the role of sdp-upload"
  type        = string
  default     = null
}

variable "databricks_group" {
  description = "Group of the workspace that may run the job and read the notebook; by default nobody else may. A run has the rights of whoever applied this, and the role of the bucket"
  type        = string
  default     = null
}

variable "create_cluster" {
  description = "Make a cluster to work on by hand as well; runs have clusters of their own"
  type        = bool
  default     = false
}

variable "cluster_user" {
  description = "Name of the one user of the cluster, who may restart it; needed for create_cluster"
  type        = string
  default     = null
}

variable "cluster_name" {
  description = "Name of the cluster"
  type        = string
  default     = "spark-processor"
}

variable "cluster_workers" {
  description = "Workers of a cluster"
  type        = number
  default     = 4
  validation {
    condition     = var.cluster_workers >= 1 && floor(var.cluster_workers) == var.cluster_workers
    error_message = "A whole number, at least 1."
  }
}

variable "cluster_workers_most" {
  description = "The most workers that the policies allow"
  type        = number
  default     = 8
}

variable "node_types" {
  description = "Types of machines that the policies allow beside the smallest of general purpose"
  type        = list(string)
  default     = []
}

variable "dbus_per_hour_most" {
  description = "The most DBUs per hour that the policies allow a cluster"
  type        = number
  default     = 20
}

variable "clusters_per_user_most" {
  description = "The most clusters of the job that a user may have at a time, and the most runs of the job"
  type        = number
  default     = 4
}

variable "run_seconds_most" {
  description = "Seconds after which a run is ended"
  type        = number
  default     = 14400
}

variable "autotermination_minutes" {
  description = "Minutes without work after which the cluster ends"
  type        = number
  default     = 60
  validation {
    condition     = var.autotermination_minutes >= 10
    error_message = "At least 10: 0 would keep the cluster, and its costs, for ever."
  }
}

variable "autotermination_minutes_most" {
  description = "The most such minutes that the policy allows"
  type        = number
  default     = 120
}
