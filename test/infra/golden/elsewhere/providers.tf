provider "aws" {
  region = var.region

  # AWS opens regions that a release of the provider has not heard of.
  skip_region_validation = true

  ignore_tags {
    keys = var.other_tag_keys
  }
}
