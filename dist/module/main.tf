# Written by valohai-s3-action 1.0.0, layout module, format hcl.
# With manage-bucket, public-access-block, cors, abort-multipart-days, multipart.
# Without versioning, noncurrent-days, deny-reconfiguration, kms-key-arn, kms-decrypt-key-arns.
# Every value is in a variable.
# The steps named below are those of Valohai's guide "Use a private S3 bucket for data storage",
# see https://docs.valohai.com

# Names that are not given are made from the bucket's, within IAM's 64 characters, so that the
# module can be called twice. The partition is aws, aws-cn or aws-us-gov.
locals {
  partition = split(":", aws_s3_bucket.store.arn)[1]

  iam_user_name = coalesce(
    var.iam_user_name,
    (
      length("valohai-${var.bucket_name}") <= 64
      ? "valohai-${var.bucket_name}"
      : "valohai-${substr(var.bucket_name, 0, 47)}-${substr(sha256(var.bucket_name), 0, 8)}"
    )
  )

  multipart_role_name = coalesce(
    var.multipart_role_name,
    (
      length("valohai-${var.bucket_name}-multipart") <= 64
      ? "valohai-${var.bucket_name}-multipart"
      : "valohai-${substr(var.bucket_name, 0, 37)}-${substr(sha256(var.bucket_name), 0, 8)}-multipart"
    )
  )

  current_generation = tostring(max(
    [for generation in var.access_key_generations : tonumber(generation)]...
  ))
}

# Guide, step 2: the bucket that the outputs land in. It holds data: as long as this block is in
# the configuration, Terraform refuses any plan that would delete or replace it.
#trivy:ignore:AWS-0089 The guide asks for no access log, which would need a second bucket.
#trivy:ignore:AWS-0090 Old versions are kept only where the option versioning asks for it.
resource "aws_s3_bucket" "store" {
  #checkov:skip=CKV_AWS_18:The guide asks for no access log, which would need a second bucket.
  #checkov:skip=CKV_AWS_144:The guide asks for no copy in another region.
  #checkov:skip=CKV2_AWS_62:Valohai listens to no events of the bucket.
  #checkov:skip=CKV_AWS_21:Old versions are kept only where the option versioning asks for it.
  #checkov:skip=CKV_AWS_145:S3 encrypts with its own keys unless the option kms-key-arn names one.

  bucket        = var.bucket_name
  force_destroy = false
  tags          = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

# Guide, step 2: private, whatever an ACL or a bucket policy says later.
resource "aws_s3_bucket_public_access_block" "store" {
  bucket                  = aws_s3_bucket.store.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Guide, step 2: ACLs are off. The account owns every object, whoever wrote it.
resource "aws_s3_bucket_ownership_controls" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Guide, step 2: objects are encrypted at rest with S3's own keys (SSE-S3).
#trivy:ignore:AWS-0132 S3 encrypts with its own keys unless the option kms-key-arn names one.
resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# Guide, step 2: every request over plain HTTP is refused, whoever signs it.
resource "aws_s3_bucket_policy" "store" {
  bucket = aws_s3_bucket.store.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "DenyInsecureTransport"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.store.arn, "${aws_s3_bucket.store.arn}/*"]
        Condition = {
          Bool = { "aws:SecureTransport" = "false" }
        }
      },
    ], var.other_policy_statements)
  })

  # S3 refuses two changes of a bucket's access settings at the same moment.
  depends_on = [aws_s3_bucket_public_access_block.store]
}

# Guide, step 3: lets the browser upload from Valohai's web app. CORS grants nobody access: each
# request still needs a valid signature.
resource "aws_s3_bucket_cors_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  cors_rule {
    allowed_headers = ["Authorization"]
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
    max_age_seconds = 3000
  }

  cors_rule {
    allowed_headers = ["Authorization"]
    allowed_methods = ["POST"]
    allowed_origins = [var.valohai_origin]
    max_age_seconds = 3000
  }

  dynamic "cors_rule" {
    # Rules of others, as they made them.
    for_each = var.other_cors_rules

    content {
      id              = try(cors_rule.value.id, null)
      allowed_headers = try(cors_rule.value.allowed_headers, null)
      allowed_methods = try(cors_rule.value.allowed_methods, null)
      allowed_origins = try(cors_rule.value.allowed_origins, null)
      expose_headers  = try(cors_rule.value.expose_headers, null)
      max_age_seconds = try(cors_rule.value.max_age_seconds, null)
    }
  }
}

# Guide, step 5: parts of an upload that never finished are invisible and still cost money.
# These rules expire no object that is current.
resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    id     = "abort-incomplete-multipart-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.abort_multipart_days
    }
  }

  dynamic "rule" {
    # Rules of others, as they made them.
    for_each = var.other_lifecycle_rules

    content {
      id     = try(rule.value.id, null)
      status = try(rule.value.status, null)
      prefix = try(rule.value.prefix, null)

      dynamic "filter" {
        for_each = flatten([try(rule.value.filter, [])])

        content {
          prefix                   = try(filter.value.prefix, null)
          object_size_greater_than = try(filter.value.object_size_greater_than, null)
          object_size_less_than    = try(filter.value.object_size_less_than, null)

          dynamic "tag" {
            for_each = flatten([try(filter.value.tag, [])])

            content {
              value = try(tag.value.value, null)
              key   = try(tag.value.key, null)
            }
          }

          dynamic "and" {
            for_each = flatten([try(filter.value.and, [])])

            content {
              prefix                   = try(and.value.prefix, null)
              tags                     = try(and.value.tags, null)
              object_size_greater_than = try(and.value.object_size_greater_than, null)
              object_size_less_than    = try(and.value.object_size_less_than, null)
            }
          }
        }
      }

      dynamic "expiration" {
        for_each = flatten([try(rule.value.expiration, [])])

        content {
          date                         = try(expiration.value.date, null)
          days                         = try(expiration.value.days, null)
          expired_object_delete_marker = try(expiration.value.expired_object_delete_marker, null)
        }
      }

      dynamic "transition" {
        for_each = flatten([try(rule.value.transition, [])])

        content {
          date          = try(transition.value.date, null)
          days          = try(transition.value.days, null)
          storage_class = try(transition.value.storage_class, null)
        }
      }

      dynamic "noncurrent_version_expiration" {
        for_each = flatten([try(rule.value.noncurrent_version_expiration, [])])

        content {
          newer_noncurrent_versions = try(noncurrent_version_expiration.value.newer_noncurrent_versions, null)
          noncurrent_days           = try(noncurrent_version_expiration.value.noncurrent_days, null)
        }
      }

      dynamic "noncurrent_version_transition" {
        for_each = flatten([try(rule.value.noncurrent_version_transition, [])])

        content {
          newer_noncurrent_versions = try(noncurrent_version_transition.value.newer_noncurrent_versions, null)
          noncurrent_days           = try(noncurrent_version_transition.value.noncurrent_days, null)
          storage_class             = try(noncurrent_version_transition.value.storage_class, null)
        }
      }

      dynamic "abort_incomplete_multipart_upload" {
        for_each = flatten([try(rule.value.abort_incomplete_multipart_upload, [])])

        content {
          days_after_initiation = try(abort_incomplete_multipart_upload.value.days_after_initiation, null)
        }
      }
    }
  }
}

# Guide, step 4: Valohai works as this user. It has an access key and no password, and reaches
# this bucket alone.
#trivy:ignore:AWS-0143 A group would add nothing to a policy that one user has.
resource "aws_iam_user" "store" {
  #checkov:skip=CKV_AWS_273:A data store of Valohai takes the access key of an IAM user.

  name                 = local.iam_user_name
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

# Guide, step 4: full access to this bucket, and the list of the account's buckets by name,
# nothing else.
resource "aws_iam_user_policy" "store" {
  name = "valohai-store"
  user = aws_iam_user.store.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "AllowBucketAccess"
        Effect   = "Allow"
        Action   = ["s3:*"]
        Resource = [aws_s3_bucket.store.arn, "${aws_s3_bucket.store.arn}/*"]
      },
      {
        Sid      = "AllowListAccess"
        Effect   = "Allow"
        Action   = ["s3:ListAllMyBuckets"]
        Resource = ["arn:${local.partition}:s3:::*"]
      },
    ]
  })
}

# Guide, step 4: the access key that Valohai holds, one for each generation. To rotate: add the
# next generation, move Valohai over, remove the old one.
resource "aws_iam_access_key" "store" {
  for_each = var.access_key_generations

  user = aws_iam_user.store.name

  # With it, the state holds the key's secret encrypted only.
  pgp_key = var.pgp_key

  lifecycle {
    # The secret is encrypted once, when the key is made: another public key later must not
    # replace the key. And a key that somebody deactivated, whatever their reason, is not
    # activated again.
    ignore_changes = [pgp_key, status]
  }
}

# Guide, step 5: workers upload outputs over 5 GB in parts, with temporary credentials of this
# role. The user above alone can assume it.
resource "aws_iam_role" "multipart" {
  name                 = local.multipart_role_name
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = aws_iam_user.store.arn }
        Action    = "sts:AssumeRole"
      },
    ]
  })

  lifecycle {
    # A role that people made keeps its own words and the length of its sessions.
    ignore_changes = [description, max_session_duration]

    # AWS turns a trust in a user that was deleted into one in a dead id, and would refuse a new
    # user of the same name. So the role is recreated with the user.
    replace_triggered_by = [aws_iam_user.store.unique_id]
  }
}

# Guide, step 5: the guide's actions, and s3:GetBucketLocation, which Valohai came to need
# later. No deleting.
resource "aws_iam_role_policy" "multipart" {
  name = "valohai-multipart"
  role = aws_iam_role.multipart.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "MultipartAccess"
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload",
          "s3:GetBucketLocation",
          "s3:GetObject",
          "s3:ListBucket",
          "s3:ListBucketMultipartUploads",
          "s3:ListBucketVersions",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ]
        Resource = [aws_s3_bucket.store.arn, "${aws_s3_bucket.store.arn}/*"]
      },
    ]
  })
}
