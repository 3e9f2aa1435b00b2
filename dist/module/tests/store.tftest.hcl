# What a reviewer asks of this configuration:
#
#   terraform init -backend=false
#   terraform test
#
# AWS is a mock here: the tests need no credentials, touch no state and make nothing. One thing no
# test can see: prevent_destroy, which keeps the bucket. Look for it in the configuration.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_s3_bucket" {
    defaults = {
      id     = "my-valohai-bucket"
      arn    = "arn:aws:s3:::my-valohai-bucket"
      region = "eu-west-1"
    }
  }

  mock_resource "aws_iam_user" {
    defaults = {
      arn = "arn:aws:iam::123456789012:user/valohai-my-valohai-bucket"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = {
      arn = "arn:aws:iam::123456789012:role/valohai-my-valohai-bucket-multipart"
    }
  }
}

variables {
  bucket_name             = "my-valohai-bucket"
  valohai_origin          = "https://app.valohai.com"
  iam_user_name           = null
  multipart_role_name     = null
  iam_path                = "/"
  permissions_boundary    = null
  abort_multipart_days    = 7
  access_key_generations  = ["1"]
  pgp_key                 = null
  other_policy_statements = []
  other_cors_rules        = []
  other_lifecycle_rules   = []
}

# Which names does IAM get by itself?
run "names_come_from_the_bucket" {
  command = plan

  variables {
    bucket_name         = "my-valohai-bucket"
    iam_user_name       = null
    multipart_role_name = null
  }

  assert {
    condition     = aws_iam_user.store.name == "valohai-my-valohai-bucket"
    error_message = "The user is not named after the bucket, within IAM's 64 characters."
  }

  assert {
    condition     = aws_iam_role.multipart.name == "valohai-my-valohai-bucket-multipart"
    error_message = "The role is not named after the bucket, within IAM's 64 characters."
  }
}

# Does a bucket name of 63 characters still give valid and unique names?
run "long_names_are_shortened" {
  command = plan

  variables {
    bucket_name         = "long-bucket-name-long-bucket-name-long-bucket-name-long-bucketx"
    iam_user_name       = null
    multipart_role_name = null
  }

  assert {
    condition     = aws_iam_user.store.name == "valohai-long-bucket-name-long-bucket-name-long-bucket-n-23aeeb38"
    error_message = "The user is not named after the bucket, within IAM's 64 characters."
  }

  assert {
    condition     = aws_iam_role.multipart.name == "valohai-long-bucket-name-long-bucket-name-lon-23aeeb38-multipart"
    error_message = "The role is not named after the bucket, within IAM's 64 characters."
  }
}

# Are values refused that AWS or Valohai would not accept? (1 of 6)
run "wrong_values_are_refused_1" {
  command = plan

  variables {
    bucket_name            = "My-Bucket"
    iam_user_name          = "team/valohai"
    access_key_generations = ["1", "2", "3"]
    multipart_role_name    = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    iam_path               = "valohai"
    permissions_boundary   = "boundary"
    pgp_key                = ""
    tags                   = { "aws:owner" = "me" }
    valohai_origin         = "https://app.valohai.com/"
  }

  expect_failures = [
    var.bucket_name,
    var.iam_user_name,
    var.access_key_generations,
    var.multipart_role_name,
    var.iam_path,
    var.permissions_boundary,
    var.pgp_key,
    var.tags,
    var.valohai_origin,
  ]
}

# Are values refused that AWS or Valohai would not accept? (2 of 6)
run "wrong_values_are_refused_2" {
  command = plan

  variables {
    bucket_name            = "my.bucket"
    access_key_generations = []
    pgp_key                = "LS0tLS1CRUdJTiBQR1AgUFVCTElDIEtFWSBCTE9DSy0tLS0tCgp4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg="
    tags                   = { owner = "aws:me" }
  }

  expect_failures = [
    var.bucket_name,
    var.access_key_generations,
    var.pgp_key,
    var.tags,
  ]
}

# Are values refused that AWS or Valohai would not accept? (3 of 6)
run "wrong_values_are_refused_3" {
  command = plan

  variables {
    bucket_name            = "my-bucket-"
    access_key_generations = ["first"]
    pgp_key                = "lQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    tags                   = { owner = "a", Owner = "b" }
  }

  expect_failures = [
    var.bucket_name,
    var.access_key_generations,
    var.pgp_key,
    var.tags,
  ]
}

# Are values refused that AWS or Valohai would not accept? (4 of 6)
run "wrong_values_are_refused_4" {
  command = plan

  variables {
    bucket_name = "long-bucket-name-long-bucket-name-long-bucket-name-long-bucketxx"
    tags        = { owner = "<me>" }
  }

  expect_failures = [
    var.bucket_name,
    var.tags,
  ]
}

# Are values refused that AWS or Valohai would not accept? (5 of 6)
run "wrong_values_are_refused_5" {
  command = plan

  variables {
    bucket_name = "amzn-s3-demo-bucket"
  }

  expect_failures = [
    var.bucket_name,
  ]
}

# Are values refused that AWS or Valohai would not accept? (6 of 6)
run "wrong_values_are_refused_6" {
  command = plan

  variables {
    bucket_name = "my-bucket--x-s3"
  }

  expect_failures = [
    var.bucket_name,
  ]
}

# Is the bucket closed to the public?
run "bucket_is_private" {
  command = plan

  assert {
    condition     = aws_s3_bucket_public_access_block.store.block_public_acls
    error_message = "block_public_acls is off."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.store.block_public_policy
    error_message = "block_public_policy is off."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.store.ignore_public_acls
    error_message = "ignore_public_acls is off."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.store.restrict_public_buckets
    error_message = "restrict_public_buckets is off."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.store.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "ACLs are not off."
  }

  assert {
    condition     = !aws_s3_bucket.store.force_destroy
    error_message = "force_destroy is on: a destroy would delete the objects with the bucket."
  }
}

# Are objects encrypted at rest, and with which key?
run "bucket_is_encrypted" {
  command = plan

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.store.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "Objects are not encrypted with S3's own keys."
  }
}

# Which web pages may upload?
run "cors_lets_valohai_alone_post" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_cors_configuration.store.cors_rule) == 2
    error_message = "There are other CORS rules than the two of the guide."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_cors_configuration.store.cors_rule :
      contains([toset(["GET"]), toset(["POST"])], toset(rule.allowed_methods))
    ])
    error_message = "A CORS rule allows another method than GET or POST."
  }

  assert {
    condition = toset(flatten([
      for rule in aws_s3_bucket_cors_configuration.store.cors_rule : rule.allowed_origins if contains(rule.allowed_methods, "POST")
    ])) == toset(["https://app.valohai.com"])
    error_message = "Another origin than Valohai may POST."
  }
}

# Does a lifecycle rule touch any object that is current?
run "no_current_object_expires" {
  command = plan

  assert {
    condition = [
      for rule in aws_s3_bucket_lifecycle_configuration.store.rule : {
        id = rule.id
        days = one(concat(
          rule.abort_incomplete_multipart_upload[*].days_after_initiation,
          rule.noncurrent_version_expiration[*].noncurrent_days
        ))
      }
    ] == [{ id = "abort-incomplete-multipart-uploads", days = 7 }]
    error_message = "There are other rules than those that were reviewed, or they have other limits."
  }

  assert {
    condition = alltrue([
      for rule in aws_s3_bucket_lifecycle_configuration.store.rule :
      length(rule.expiration) + length(rule.transition) + length(rule.noncurrent_version_transition) == 0
    ])
    error_message = "Objects expire, or move to another storage class."
  }
}

# Is every request without TLS refused, whoever signs it? What else is in the policy?
run "bucket_refuses_plain_http" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_bucket_policy.store.policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [
              "arn:aws:s3:::my-valohai-bucket",
              "arn:aws:s3:::my-valohai-bucket/*"
            ],
            "Condition": {
              "Bool": {
                "aws:SecureTransport": "false"
              }
            }
          }
        ]
      }
      JSON
    )
    error_message = "The policy of the bucket is not the one that was reviewed."
  }
}

# What may Valohai do?
run "user_reaches_this_bucket_alone" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_user_policy.store.policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "AllowBucketAccess",
            "Effect": "Allow",
            "Action": [
              "s3:*"
            ],
            "Resource": [
              "arn:aws:s3:::my-valohai-bucket",
              "arn:aws:s3:::my-valohai-bucket/*"
            ]
          },
          {
            "Sid": "AllowListAccess",
            "Effect": "Allow",
            "Action": [
              "s3:ListAllMyBuckets"
            ],
            "Resource": [
              "arn:aws:s3:::*"
            ]
          }
        ]
      }
      JSON
    )
    error_message = "The policy of the user is not the one that was reviewed."
  }

  assert {
    condition     = aws_iam_user_policy.store.user == aws_iam_user.store.name
    error_message = "The policy belongs to another user."
  }
}

# Who may assume the role for outputs over 5 GB?
run "role_is_for_this_user_alone" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.multipart.assume_role_policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Effect": "Allow",
            "Principal": {
              "AWS": "arn:aws:iam::123456789012:user/valohai-my-valohai-bucket"
            },
            "Action": "sts:AssumeRole"
          }
        ]
      }
      JSON
    )
    error_message = "Somebody other than the user may assume the role."
  }
}

# What may the workers do that get the credentials of the role?
run "role_cannot_delete" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.multipart.policy) == jsondecode(<<-JSON
      {
        "Version": "2012-10-17",
        "Statement": [
          {
            "Sid": "MultipartAccess",
            "Effect": "Allow",
            "Action": [
              "s3:AbortMultipartUpload",
              "s3:GetBucketLocation",
              "s3:GetObject",
              "s3:ListBucket",
              "s3:ListBucketMultipartUploads",
              "s3:ListBucketVersions",
              "s3:ListMultipartUploadParts",
              "s3:PutObject"
            ],
            "Resource": [
              "arn:aws:s3:::my-valohai-bucket",
              "arn:aws:s3:::my-valohai-bucket/*"
            ]
          }
        ]
      }
      JSON
    )
    error_message = "The policy of the role is not the one that was reviewed."
  }

  assert {
    condition = alltrue([
      for action in flatten(jsondecode(aws_iam_role_policy.multipart.policy).Statement[*].Action) :
      !can(regex("Delete|[*]", action))
    ])
    error_message = "The role may delete, or has an action with a wildcard."
  }
}

# How many access keys are there, and whose are they?
run "one_key" {
  command = plan

  assert {
    condition     = length(aws_iam_access_key.store) == 1
    error_message = "There is not exactly one key."
  }

  assert {
    condition     = aws_iam_access_key.store["1"].user == aws_iam_user.store.name
    error_message = "The key belongs to another user."
  }
}

# Does a rotation keep the old key until it is taken out, and is 10 later than 9?
run "two_generations_make_two_keys" {
  command = plan

  variables {
    access_key_generations = ["9", "10"]
  }

  assert {
    condition     = toset(keys(aws_iam_access_key.store)) == toset(["9", "10"])
    error_message = "There is not one key for each generation."
  }

  assert {
    condition     = local.current_generation == "10"
    error_message = "The current key is not the one of the highest generation."
  }
}
