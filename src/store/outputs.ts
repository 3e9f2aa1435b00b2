/** One access key of the store's user. */
export interface AccessKey {
  readonly generation: string
  readonly id: string
  /** When IAM made it; `undefined` where Terraform does not know. */
  readonly created: Date | undefined
}

/** What the state tells of the infrastructure: the outputs of the synthesized configuration. */
export interface StackOutputs {
  readonly bucket: string | undefined
  readonly bucketArn: string | undefined
  readonly region: string | undefined
  readonly iamUserArn: string | undefined
  readonly multipartRoleArn: string | undefined
  /** The keys, oldest generation first; the last one is the current one. */
  readonly accessKeys: readonly AccessKey[]
  /** The current key's secret as an armored-less OpenPGP message in base64. */
  readonly encryptedSecret: string | undefined
  /** The current key's secret in plain, where somebody applied the configuration by hand without a `pgp_key`. */
  readonly plainSecret: string | undefined
}
