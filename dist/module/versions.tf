terraform {
  required_version = ">= 1.11.0"

  required_providers {
    # Not with 6.0 to 6.39: S3 blocks SSE-C on new buckets by now, and those plan a change of
    # that for ever.
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}
