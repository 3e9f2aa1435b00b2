variable "bucket_name" {
  description = "Name of the bucket. Unique in the whole AWS partition; no dots, which break TLS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "A bucket name has 3 to 63 characters: lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition = !can(regex(
      "^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3|[.]mrap)$",
      var.bucket_name
    ))
    error_message = "S3 keeps names of this beginning or end for itself."
  }
}

variable "valohai_origin" {
  description = "Origin of Valohai's web app, which may POST uploads to the bucket: scheme and host, no path."
  type        = string
  default     = "https://app.valohai.com"
  nullable    = false

  validation {
    condition     = can(regex("^https?://[^/]+$", var.valohai_origin))
    error_message = "An origin is a scheme and a host, like https://app.valohai.com, without a path or a slash at the end."
  }
}

variable "iam_user_name" {
  description = "Name of the IAM user that Valohai works as. Where it is null, it is made from the bucket's name."
  type        = string
  default     = null

  validation {
    condition = (
      var.iam_user_name == null ||
      can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.iam_user_name))
    )
    error_message = "An IAM name has 1 to 64 characters: letters, digits and _+=,.@-"
  }
}

variable "multipart_role_name" {
  description = "Name of the role for outputs over 5 GB. Where it is null, it is made from the bucket's name."
  type        = string
  default     = null

  validation {
    condition = (
      var.multipart_role_name == null ||
      can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.multipart_role_name))
    )
    error_message = "An IAM name has 1 to 64 characters: letters, digits and _+=,.@-"
  }
}

variable "iam_path" {
  description = "IAM path of the user and the role."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([!-.0-~][!-~]*/)?$", var.iam_path))
    error_message = "A path begins and ends with a slash, like /valohai/."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds what the user and the role may do. Null for none."
  type        = string
  default     = null

  validation {
    condition = (
      var.permissions_boundary == null ||
      can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    )
    error_message = "Give the ARN of a policy, like arn:aws:iam::123456789012:policy/boundary."
  }
}

variable "abort_multipart_days" {
  description = "Days after which an unfinished multipart upload is given up."
  type        = number
  default     = 7
  nullable    = false

  validation {
    condition = (
      var.abort_multipart_days >= 1 &&
      floor(var.abort_multipart_days) == var.abort_multipart_days
    )
    error_message = "Give a whole number of days, 1 or more."
  }
}

variable "access_key_generations" {
  description = "Generations of the access key, as whole numbers: one key each, the highest is the current one. IAM allows two at a time."
  type        = set(string)
  default     = ["1"]
  nullable    = false

  validation {
    condition = (
      length(var.access_key_generations) >= 1 &&
      length(var.access_key_generations) <= 2 &&
      alltrue([
        for item in var.access_key_generations :
        can(regex("^[1-9][0-9]*$", item))
      ])
    )
    error_message = "Give one or two whole numbers from \"1\" up, like [\"1\"], or [\"1\", \"2\"] in the middle of a rotation."
  }
}

variable "pgp_key" {
  description = "Base64 of your binary OpenPGP public key. With it the state holds the access key's secret encrypted only; without it in plain text."
  type        = string
  default     = null

  validation {
    condition = (
      var.pgp_key == null ||
      can(regex("^(m[A-Za-z0-9+/]|x[g-v])[A-Za-z0-9+/]{2}([A-Za-z0-9+/]{4}){15,}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", var.pgp_key))
    )
    error_message = "Give null, or base64 of a binary OpenPGP public key: in one line, of no ASCII armor and of no private key."
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = (
      length(var.tags) <= 50 &&
      length(distinct([for key in keys(var.tags) : lower(key)])) == length(var.tags) &&
      alltrue([
        for key, value in var.tags :
        can(regex("^[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]{1,128}$", key)) &&
        can(regex("^[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]{0,256}$", value)) &&
        !can(regex("^(?i:aws:)", key)) &&
        !can(regex("^(?i:aws:)", value))
      ])
    )
    error_message = "AWS takes 50 tags of letters, digits, spaces and _.:/=+-@, and keeps keys and values that begin with aws: for itself."
  }
}

variable "other_policy_statements" {
  description = "Further statements of the bucket's policy, as objects of its JSON."
  type        = any
  default     = []
  nullable    = false
}

variable "other_cors_rules" {
  description = "Further CORS rules of the bucket, with the attributes of a cors_rule block."
  type        = any
  default     = []
  nullable    = false
}

variable "other_lifecycle_rules" {
  description = "Further lifecycle rules of the bucket, with the attributes and blocks of a rule block."
  type        = any
  default     = []
  nullable    = false
}
