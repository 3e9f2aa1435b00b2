import type { Sample } from './samples'

const POLICY =
  '${jsonencode({"Version" = "2012-10-17", "Statement" = [{"Effect" = "Deny", "Action" = "s3:*"}, {"Effect" = "Allow", "Action" = "s3:GetObject"}]})}'

/** Resources and data sources, and how an engineer would have written them. */
export const RESOURCE_SAMPLES: readonly Sample[] = [
  {
    name: 'a bucket',
    block: {
      type: 'resource',
      labels: ['aws_s3_bucket', 'store'],
      comment: 'Where the outputs land.',
      attributeComments: { 'lifecycle.prevent_destroy': 'It holds data.' },
      body: {
        tags: { Name: 'x', '//': 'kept: this is a tag' },
        bucket: '${var.bucket_name}',
        force_destroy: false,
        lifecycle: { prevent_destroy: true },
        '//': { metadata: { path: 's/store' } },
      },
    },
    hcl: `# Where the outputs land.
resource "aws_s3_bucket" "store" {
  bucket        = var.bucket_name
  force_destroy = false

  tags = {
    Name = "x"
    "//" = "kept: this is a tag"
  }

  lifecycle {
    # It holds data.
    prevent_destroy = true
  }
}
`,
  },
  {
    name: 'meta-arguments',
    block: {
      type: 'resource',
      labels: ['aws_iam_access_key', 'store'],
      attributeComments: { pgp_key: 'Encrypts the secret.', lifecycle: 'Once made, a key stays.' },
      body: {
        pgp_key: '${var.pgp_key}',
        user: '${aws_iam_user.store.name}',
        depends_on: ['aws_s3_bucket.store', '${data.aws_partition.current}'],
        lifecycle: {
          ignore_changes: ['pgp_key', 'tags["a"]'],
          replace_triggered_by: ['aws_iam_user.store.unique_id'],
          precondition: [{ condition: '${var.x != ""}', error_message: 'x' }],
        },
        provider: 'aws.other',
        for_each: '${var.access_key_generations}',
      },
    },
    hcl: `resource "aws_iam_access_key" "store" {
  for_each = var.access_key_generations
  provider = aws.other

  user = aws_iam_user.store.name

  # Encrypts the secret.
  pgp_key = var.pgp_key

  # Once made, a key stays.
  lifecycle {
    ignore_changes       = [pgp_key, tags["a"]]
    replace_triggered_by = [aws_iam_user.store.unique_id]

    precondition {
      condition     = var.x != ""
      error_message = "x"
    }
  }

  depends_on = [aws_s3_bucket.store, data.aws_partition.current]
}
`,
  },
  {
    name: 'ignore_changes of all, and a count',
    block: {
      type: 'resource',
      labels: ['aws_iam_user', 'store'],
      body: { name: 'x', count: '${var.on ? 1 : 0}', lifecycle: { ignore_changes: 'all' } },
    },
    hcl: `resource "aws_iam_user" "store" {
  count = var.on ? 1 : 0

  name = "x"

  lifecycle {
    ignore_changes = all
  }
}
`,
  },
  {
    name: 'a policy with comments on its statements',
    block: {
      type: 'resource',
      labels: ['aws_s3_bucket_policy', 'store'],
      body: { policy: POLICY, bucket: '${aws_s3_bucket.store.id}' },
      attributeComments: {
        policy: 'TLS only.',
        'policy.Version': 'The only one with variables.',
        'policy.Statement[1]': 'Reads.',
        'policy.Statement[1].Action': 'Guide, step 4.',
      },
    },
    hcl: `resource "aws_s3_bucket_policy" "store" {
  bucket = aws_s3_bucket.store.id

  # TLS only.
  policy = jsonencode({
    # The only one with variables.
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Deny"
        Action = "s3:*"
      },
      # Reads.
      {
        Effect = "Allow"
        # Guide, step 4.
        Action = "s3:GetObject"
      },
    ]
  })
}
`,
  },
  {
    name: 'encryption',
    block: {
      type: 'resource',
      labels: ['aws_s3_bucket_server_side_encryption_configuration', 'store'],
      body: {
        bucket: '${aws_s3_bucket.store.id}',
        rule: [
          { bucket_key_enabled: true, apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } },
        ],
      },
    },
    hcl: `resource "aws_s3_bucket_server_side_encryption_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
`,
  },
  {
    name: 'two CORS rules, each with a comment',
    block: {
      type: 'resource',
      labels: ['aws_s3_bucket_cors_configuration', 'store'],
      attributeComments: {
        cors_rule: 'Downloads.',
        'cors_rule[1]': 'Uploads.',
        'cors_rule[1].allowed_origins': 'Valohai.',
      },
      body: {
        bucket: '${aws_s3_bucket.store.id}',
        cors_rule: [
          { allowed_methods: ['GET'], allowed_origins: ['*'] },
          { allowed_methods: ['POST'], allowed_origins: ['https://app.valohai.com'] },
        ],
      },
    },
    hcl: `resource "aws_s3_bucket_cors_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  # Downloads.
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }

  # Uploads.
  cors_rule {
    allowed_methods = ["POST"]

    # Valohai.
    allowed_origins = ["https://app.valohai.com"]
  }
}
`,
  },
  {
    name: 'a lifecycle configuration',
    block: {
      type: 'resource',
      labels: ['aws_s3_bucket_lifecycle_configuration', 'store'],
      body: {
        bucket: '${aws_s3_bucket.store.id}',
        rule: [
          {
            abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }],
            filter: [{}],
            status: 'Enabled',
            id: 'abort',
          },
        ],
      },
    },
    hcl: `resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket = aws_s3_bucket.store.id

  rule {
    id     = "abort"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
`,
  },
  {
    name: 'a policy document',
    block: {
      type: 'data',
      labels: ['aws_iam_policy_document', 'store'],
      body: {
        statement: [{ actions: ['s3:*'], sid: 'All', principals: [{ identifiers: ['*'], type: 'AWS' }] }],
      },
    },
    hcl: `data "aws_iam_policy_document" "store" {
  statement {
    sid     = "All"
    actions = ["s3:*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
`,
  },
  {
    name: 'an empty data source',
    block: { type: 'data', labels: ['aws_partition', 'current'], body: { '//': {} } },
    hcl: 'data "aws_partition" "current" {}\n',
  },
]
