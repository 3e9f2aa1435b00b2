terraform {
  backend "s3" {
    bucket                 = "my-valohai-bucket-tfstate"
    key                    = "valohai-s3/my-valohai-bucket-acme-churn-model.export.tfstate"
    region                 = "eu-west-1"
    skip_region_validation = true
    encrypt                = true
    use_lockfile           = true
  }
}
