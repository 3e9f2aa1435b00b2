import type { HclBlock } from '../../../src/infra/hcl'

export interface Sample {
  readonly name: string
  readonly block: HclBlock
  readonly hcl: string
}

/** Everything but resources and data sources, and how an engineer would have written it. */
export const ROOT_SAMPLES: readonly Sample[] = [
  {
    name: 'terraform with a backend',
    block: {
      type: 'terraform',
      labels: [],
      body: {
        required_providers: { aws: { version: '>= 5.100.0, < 7.0.0', source: 'hashicorp/aws' } },
        backend: { s3: { bucket: 'state', key: 'a$${b}', use_lockfile: true } },
        required_version: '>= 1.5',
      },
    },
    hcl: `terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }

  backend "s3" {
    bucket       = "state"
    key          = "a$$\${b}"
    use_lockfile = true
  }
}
`,
  },
  {
    name: 'a backend that the run configures',
    block: { type: 'terraform', labels: [], body: { backend: { s3: {} } } },
    hcl: `terraform {\n  backend "s3" {}\n}\n`,
  },
  {
    name: 'a provider with default tags and a role',
    block: {
      type: 'provider',
      labels: ['aws'],
      body: {
        region: '${var.region}',
        alias: 'other',
        default_tags: [{ tags: { team: 'ml' } }],
        assume_role: [{ session_name: 's', role_arn: '${var.role}' }],
      },
    },
    hcl: `provider "aws" {
  alias  = "other"
  region = var.region

  default_tags {
    tags = {
      team = "ml"
    }
  }

  assume_role {
    role_arn     = var.role
    session_name = "s"
  }
}
`,
  },
  {
    name: 'an empty provider',
    block: { type: 'provider', labels: ['aws'], body: {} },
    hcl: 'provider "aws" {}\n',
  },
  {
    name: 'a variable with a validation',
    block: {
      type: 'variable',
      labels: ['access_key_generations'],
      body: {
        default: ['1'],
        description: 'Generations, e.g. "1" or ${x}.',
        type: 'set(string)',
        nullable: false,
        validation: [
          {
            error_message: 'One or two, not ${length(var.access_key_generations)}.',
            condition: '${contains([1, 2], length(var.access_key_generations))}',
          },
        ],
      },
    },
    hcl: `variable "access_key_generations" {
  description = "Generations, e.g. \\"1\\" or $\${x}."
  type        = set(string)
  default     = ["1"]
  nullable    = false

  validation {
    condition     = contains([1, 2], length(var.access_key_generations))
    error_message = "One or two, not \${length(var.access_key_generations)}."
  }
}
`,
  },
  {
    name: 'a variable of an object type, with no default value',
    block: {
      type: 'variable',
      labels: ['options'],
      body: { type: '${object({ a = string, b = optional(list(string), []) })}', default: null },
    },
    hcl: `variable "options" {
  type = object({
    a = string
    b = optional(list(string), [])
  })
  default = null
}
`,
  },
  {
    name: 'a variable with a map as its default value',
    block: { type: 'variable', labels: ['tags'], body: { type: 'map(string)', default: { a: '${b}' } } },
    hcl: `variable "tags" {
  type = map(string)
  default = {
    a = "$\${b}"
  }
}
`,
  },
  {
    name: 'locals',
    block: {
      type: 'locals',
      labels: [],
      body: { name: '${coalesce(var.name, "x")}', map: { a: 1, b: [{ c: '${d.e}' }] }, n: 3 },
    },
    hcl: `locals {
  name = coalesce(var.name, "x")
  n    = 3

  map = {
    a = 1
    b = [{ c = d.e }]
  }
}
`,
  },
  {
    name: 'an output of a map',
    block: {
      type: 'output',
      labels: ['secrets'],
      body: {
        value: '${{ for k, v in aws_iam_access_key.store : k => v.secret }}',
        sensitive: true,
        description: 'Secrets.',
        depends_on: ['aws_s3_bucket.store'],
      },
    },
    hcl: `output "secrets" {
  description = "Secrets."
  value       = { for k, v in aws_iam_access_key.store : k => v.secret }
  sensitive   = true

  depends_on = [aws_s3_bucket.store]
}
`,
  },
  {
    name: 'a module call',
    block: {
      type: 'module',
      labels: ['store'],
      body: {
        bucket_name: 'b',
        source: './valohai-s3',
        tags: { a: '${var.b}' },
        providers: { aws: 'aws.other' },
      },
    },
    hcl: `module "store" {
  source = "./valohai-s3"

  providers = {
    aws = aws.other
  }

  bucket_name = "b"

  tags = {
    a = var.b
  }
}
`,
  },
]
