output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.store.id
}

output "bucket_arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.store.arn
}

output "region" {
  description = "AWS region of the bucket."
  value       = aws_s3_bucket.store.region
}

output "iam_user_name" {
  description = "Name of the IAM user that Valohai works as."
  value       = aws_iam_user.store.name
}

output "iam_user_arn" {
  description = "ARN of the IAM user that Valohai works as."
  value       = aws_iam_user.store.arn
}

output "access_keys" {
  description = "Access key ids by generation, each with the time it was made."
  value = {
    for generation, key in aws_iam_access_key.store :
    generation => { id = key.id, created = key.create_date }
  }
}

output "access_key_id" {
  description = "Id of the current access key, the one of the highest generation."
  value       = aws_iam_access_key.store[local.current_generation].id
}

output "encrypted_secret_access_key" {
  description = "Secret of the current access key, encrypted for pgp_key: base64 of an OpenPGP message. Null without pgp_key."
  value       = aws_iam_access_key.store[local.current_generation].encrypted_secret
}

output "secret_access_key" {
  description = "Secret of the current access key. Null with pgp_key."
  value       = aws_iam_access_key.store[local.current_generation].secret
  sensitive   = true
}

output "multipart_role_arn" {
  description = "ARN of the role for outputs over 5 GB: the \"Multipart Upload IAM Role ARN\" of the store in Valohai."
  value       = aws_iam_role.multipart.arn
}

output "kms_key_arn" {
  description = "ARN of the KMS key that objects are encrypted with."
  value       = var.kms_key_arn
}

output "valohai_origin" {
  description = "Origin that the CORS rules let upload."
  value       = var.valohai_origin

  depends_on = [aws_s3_bucket_cors_configuration.store]
}
