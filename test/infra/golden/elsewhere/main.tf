# Written by valohai-s3-action 1.0.0, layout root, format hcl.
# With multipart.
# Without manage-bucket, kms-key-arn, kms-decrypt-key-arns.
# Every value is in a variable.
# The steps named below are those of Valohai's guide "Use a private S3 bucket for data storage",
# see https://docs.valohai.com

# Names that are not given are made from the bucket's, within IAM's 64 characters, so that the
# module can be called twice. The partition is aws, aws-cn or aws-us-gov.
locals {
  partition = split(":", aws_iam_user.store.arn)[1]

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
  #checkov:skip=CKV_AWS_40:A group would add nothing to a policy that one user has.

  name = "valohai-store"
  user = aws_iam_user.store.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AllowBucketAccess"
        Effect = "Allow"
        Action = ["s3:*"]
        Resource = [
          "arn:${local.partition}:s3:::${var.bucket_name}",
          "arn:${local.partition}:s3:::${var.bucket_name}/*",
        ]
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
        Resource = [
          "arn:${local.partition}:s3:::${var.bucket_name}",
          "arn:${local.partition}:s3:::${var.bucket_name}/*",
        ]
      },
    ]
  })
}
