import { parse } from '@cdktf/hcl2json'
import { blocksOf, printBlocks, type HclBlock, type JsonObject } from '../../../src/infra/hcl'
import { commentLines } from '../../../src/infra/hcl/comments'
import { spread } from '../../../src/infra/spread'
import { fmtDiff } from './terraform'

const resource = (type: string, body: JsonObject, more: Partial<HclBlock> = {}): HclBlock => ({
  type: 'resource',
  labels: [type, 'store'],
  body,
  ...more,
})
const bucket = (body: JsonObject, more: Partial<HclBlock> = {}): HclBlock =>
  resource('aws_s3_bucket', body, more)

/** Blocks, and how an engineer would have written them. */
const SAMPLES: Readonly<Record<string, readonly [HclBlock, string]>> = {
  'a resource with all that can be in one': [
    resource(
      'aws_iam_access_key',
      {
        pgp_key: '${var.pgp_key}',
        depends_on: ['aws_s3_bucket.store'],
        lifecycle: { ignore_changes: ['pgp_key'], replace_triggered_by: ['aws_iam_user.store.unique_id'] },
        status: 'Active',
        user: '${aws_iam_user.store.name}',
        for_each: '${var.access_key_generations}',
      },
      {
        comment: 'The key.',
        attributeComments: { pgp_key: 'Encrypts the secret.', 'lifecycle.ignore_changes': 'Once made.' },
      },
    ),
    `# The key.
resource "aws_iam_access_key" "store" {
  for_each = var.access_key_generations

  status = "Active"
  user   = aws_iam_user.store.name

  # Encrypts the secret.
  pgp_key = var.pgp_key

  lifecycle {
    replace_triggered_by = [aws_iam_user.store.unique_id]

    # Once made.
    ignore_changes = [pgp_key]
  }

  depends_on = [aws_s3_bucket.store]
}
`,
  ],
  'a policy': [
    resource('aws_s3_bucket_policy', {
      bucket: '${aws_s3_bucket.store.id}',
      policy: JSON.stringify({
        Statement: [
          {
            Sid: 'Say "no"',
            Resource: ['${aws_s3_bucket.store.arn}', '${aws_s3_bucket.store.arn}/*'],
            Principal: { AWS: '${aws_iam_user.store.arn}' },
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            Action: ['s3:AbortMultipartUpload', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads', 's3:Get'],
          },
        ],
      }), // prettier-ignore
    }),
    `resource "aws_s3_bucket_policy" "store" {
  bucket = aws_s3_bucket.store.id

  policy = jsonencode({
    Statement = [
      {
        Sid       = "Say \\"no\\""
        Resource  = [aws_s3_bucket.store.arn, "\${aws_s3_bucket.store.arn}/*"]
        Principal = { AWS = aws_iam_user.store.arn }
        Condition = {
          Bool = { "aws:SecureTransport" = "false" }
        }
        Action = [
          "s3:AbortMultipartUpload",
          "s3:GetBucketLocation",
          "s3:ListBucketMultipartUploads",
          "s3:Get",
        ]
      },
    ]
  })
}
`,
  ],
  'what others add': [
    resource('aws_s3_bucket_policy', {
      policy: JSON.stringify({
        Statement: [{ Resource: [spread('var.a')], Action: ['b', spread('var.b')] }, spread('var.c')],
      }),
      dynamic: {
        rule: {
          for_each: '${var.c}',
          content: { id: '${rule.value}', dynamic: { tag: { for_each: '${[]}', content: {} } } },
        },
      },
    }),
    `resource "aws_s3_bucket_policy" "store" {
  policy = jsonencode({
    Statement = concat([
      {
        Resource = var.a
        Action   = concat(["b"], var.b)
      },
    ], var.c)
  })

  dynamic "rule" {
    for_each = var.c

    content {
      id = rule.value

      dynamic "tag" {
        for_each = []

        content {}
      }
    }
  }
}
`,
  ],
  'nested blocks': [
    resource('aws_s3_bucket_lifecycle_configuration', {
      rule: [{ filter: [{}], status: 'Enabled', id: 'one' }, { id: 'two' }],
      bucket: 'b',
    }),
    `resource "aws_s3_bucket_lifecycle_configuration" "store" {
  bucket = "b"

  rule {
    id     = "one"
    status = "Enabled"

    filter {}
  }

  rule {
    id = "two"
  }
}
`,
  ],
  'a variable': [
    {
      type: 'variable',
      labels: ['tags'],
      body: {
        default: { team: '${ml}', 'cost-center': '1' },
        type: 'map(string)',
        description: 'Tags, e.g. "a" or ${x}.',
        nullable: false,
        validation: [
          { condition: '${(\n  var.tags != null &&\n  true\n)}', error_message: 'Not ${var.tags}.' },
        ],
      },
    },
    `variable "tags" {
  description = "Tags, e.g. \\"a\\" or $\${x}."
  type        = map(string)
  default = {
    team          = "$\${ml}"
    "cost-center" = "1"
  }
  nullable = false

  validation {
    condition = (
      var.tags != null &&
      true
    )
    error_message = "Not \${var.tags}."
  }
}
`,
  ],
  'an output': [
    { type: 'output', labels: ['x'], body: { value: '${a.b["1"].c}', description: '${x}', sensitive: true } },
    `output "x" {
  description = "$\${x}"
  value       = a.b["1"].c
  sensitive   = true
}
`,
  ],
  locals: [
    {
      type: 'locals',
      labels: [],
      body: { a: '${f(\n  var.x,\n  "{}"\n)}', b: '${var.x}-${var.y}', c: null },
    },
    `locals {
  b = "\${var.x}-\${var.y}"
  c = null

  a = f(
    var.x,
    "{}"
  )
}
`,
  ],
  'terraform with a backend': [
    {
      type: 'terraform',
      labels: [],
      body: {
        required_version: '>= 1.11.0',
        required_providers: { aws: { source: 'hashicorp/aws', version: '5.100.0' } },
        backend: { s3: { bucket: 'state', key: 'a${b}%{c}"\n', use_lockfile: true } },
      },
    },
    `terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }

  backend "s3" {
    bucket       = "state"
    key          = "a$\${b}%%{c}\\"\\n"
    use_lockfile = true
  }
}
`,
  ],
}

describe('blocks', () => {
  it.each(Object.keys(SAMPLES))('prints %s', (name) => {
    const [block, hcl] = SAMPLES[name]!
    expect(printBlocks([block])).toBe(hcl)
  })

  it('are separated by an empty line, in the order given', () => {
    const [first, second] = Object.values(SAMPLES)
    expect(printBlocks([first![0], second![0]])).toBe(`${first![1]}\n${second![1]}`)
    expect(printBlocks([])).toBe('')
  })

  it('are what terraform fmt leaves alone, and parse', async () => {
    const texts = Object.values(SAMPLES).map(([, hcl]) => hcl)
    expect(fmtDiff(texts)).toBe('')
    for (const text of texts) await parse('main.tf', text)
  })
})

describe('blocksOf', () => {
  it('gives the blocks in the order of the document, without metadata', () => {
    const blocks = blocksOf({
      '//': { metadata: {} },
      output: { a: { value: 1 } },
      resource: {
        aws_iam_user: { one: { name: '1', '//': { comment: 'First.', metadata: {} } }, two: {} },
        aws_s3_bucket: { '//': 'no bucket', store: {} },
      },
      locals: { x: 1 },
    })
    expect(blocks.map(({ type, labels }) => [type, ...labels].join('.'))).toEqual([
      'output.a',
      'resource.aws_iam_user.one',
      'resource.aws_iam_user.two',
      'resource.aws_s3_bucket.store',
      'locals',
    ])
    expect(blocks[1]).toMatchObject({ body: { name: '1' }, comment: 'First.' })
  })

  it.each<[JsonObject, string]>([
    [{ moved: { x: {} } }, 'Cannot print moved as HCL'],
    [{ constructor: { x: {} } }, 'Cannot print constructor as HCL'],
    [{ resource: 'x' }, 'Cannot read resource: expected an object'],
  ])('fails for %j', (configuration, problem) => {
    expect(() => blocksOf(configuration)).toThrow(problem)
  })
})

it.each<[string, HclBlock, string]>([
  ['an unknown object', bucket({ x: { a: 1 } }), 'resource.aws_s3_bucket.store, x as HCL: is it a block'],
  ['an unknown list of objects', bucket({ x: ['a', { a: 1 }] }), 'is it a block or a map?'],
  ['an unknown nested object', bucket({ lifecycle: { x: {} } }), 'lifecycle.x as HCL: is it a block or a map?'],
  ['an expression for a block', bucket({ lifecycle: '${x}' }), 'the body of a block has to be an object'],
  ['a key that is no name', bucket({ 'a b': 1 }), 'a b as HCL: not an attribute name'],
  ['an unknown block', resource('aws_vpc', { route: [{ a: 1 }] }), 'route as HCL: is it a block or a map?'],
  ['a comment on nothing', bucket({ a: 1 }, { attributeComments: { b: 'x' } }), 'nothing to comment on at: b'],
])('%s fails', (_, block, problem) => {
  expect(() => printBlocks([block])).toThrow(problem)
}) // prettier-ignore

describe('comments', () => {
  it('wrap at 96 columns, indentation included', () => {
    const text = 'word '.repeat(60).trim()
    const hcl = printBlocks([bucket({ x: 1 }, { comment: text, attributeComments: { x: text } })])
    const lengths = hcl.split('\n').map((line) => line.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(96)
    expect(Math.max(...lengths)).toBeGreaterThan(90)
    expect(hcl.match(/word/g)).toHaveLength(120)
    expect(fmtDiff([hcl])).toBe('')
  })

  it('cannot end early or carry control characters', () => {
    expect(commentLines('a\u2028b\r\nc\rd\x1b[31m\u202e\n\ne')).toEqual(['# a', '# b', '# c', '# d[31m', '#', '# e'])
  }) // prettier-ignore
})
