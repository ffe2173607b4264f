# Where sdp-upload puts files: a private, encrypted, versioned bucket, and a role that can do no more than it needs.
#
#   terraform init
#   terraform plan -var="aws_region=us-east-1"
#   terraform apply -var="aws_region=us-east-1"

terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    databricks = {
      source  = "databricks/databricks"
      version = "~> 1.60"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.6"
    }
  }
}

provider "aws" {
  region = var.aws_region
  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    project    = var.project
    managed_by = "terraform"
  }
  bucket     = coalesce(var.bucket_name, "${var.project}-${random_id.bucket.hex}")
  access_key = var.create_access_key ? 1 : 0
}

# Names of buckets are the whole world's.
resource "random_id" "bucket" {
  byte_length = 6
}

resource "aws_s3_bucket" "data" {
  #checkov:skip=CKV_AWS_144:one region is what a data processor needs; versions are kept
  #checkov:skip=CKV_AWS_145:AES256 costs nothing a call; set kms_key_arn for a key of one's own
  #checkov:skip=CKV_AWS_18:access logs would need a second bucket; CloudTrail has data events
  #checkov:skip=CKV2_AWS_62:nothing listens for events
  bucket        = local.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration {
    status = "Enabled"
  }
}

# An upload that broke off costs as if it were there: sdp-upload takes it up again for a day, then it goes.
resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket     = aws_s3_bucket.data.id
  depends_on = [aws_s3_bucket_versioning.data]

  rule {
    id     = "abort-multiparts"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_multiparts_days
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = var.old_versions_days
    }
    expiration {
      expired_object_delete_marker = true
    }
  }
}

# Nobody reaches the bucket without TLS.
data "aws_iam_policy_document" "tls_only" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket     = aws_s3_bucket.data.id
  policy     = data.aws_iam_policy_document.tls_only.json
  depends_on = [aws_s3_bucket_public_access_block.data]
}

# What sdp-upload does and nothing else: objects and multiparts below its prefix, and listing that prefix.
data "aws_iam_policy_document" "upload" {
  statement {
    sid       = "Objects"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    resources = ["${aws_s3_bucket.data.arn}/${var.prefix}/*"]
  }
  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["${var.prefix}/*"]
    }
  }
  statement {
    sid       = "Multiparts"
    actions   = ["s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.data.arn]
  }
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      resources = [statement.value]
    }
  }
}

# The role: machines of EC2, clusters of Databricks among them, have it by the instance profile; people and programs
# that are named take it on for an hour.
data "aws_iam_policy_document" "assume" {
  statement {
    sid     = "Machines"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
  dynamic "statement" {
    for_each = length(var.trusted_principals) == 0 ? [] : [var.trusted_principals]
    content {
      sid     = "Named"
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }
}

resource "aws_iam_role" "upload" {
  name                 = "${local.bucket}-upload"
  assume_role_policy   = data.aws_iam_policy_document.assume.json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "upload" {
  name   = "sdp-upload"
  role   = aws_iam_role.upload.id
  policy = data.aws_iam_policy_document.upload.json
}

resource "aws_iam_instance_profile" "upload" {
  name = "${local.bucket}-upload"
  role = aws_iam_role.upload.name
}

# Long-lived keys, only if they are asked for: a user in a group that may do what the role may.
resource "aws_iam_user" "upload" {
  #checkov:skip=CKV_AWS_273:only with create_access_key, for machines outside AWS that can have no role
  count = local.access_key
  name  = "${local.bucket}-upload"
}

resource "aws_iam_group" "upload" {
  count = local.access_key
  name  = "${local.bucket}-upload"
}

resource "aws_iam_group_policy" "upload" {
  count  = local.access_key
  name   = "sdp-upload"
  group  = aws_iam_group.upload[0].name
  policy = data.aws_iam_policy_document.upload.json
}

resource "aws_iam_user_group_membership" "upload" {
  count  = local.access_key
  user   = aws_iam_user.upload[0].name
  groups = [aws_iam_group.upload[0].name]
}

# The secret lies in the state: keep that encrypted.
resource "aws_iam_access_key" "upload" {
  count = local.access_key
  user  = aws_iam_user.upload[0].name
}
