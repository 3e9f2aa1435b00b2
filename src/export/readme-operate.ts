import { fence } from '../markdown/escape'
import type { DocumentsRequest } from './documents'

/** Where the key's secret goes, and how to keep it out of the state. */
export function secretSection({ target }: DocumentsRequest): string {
  const place =
    target.layout === 'root'
      ? 'as `"pgp_key"` into `terraform.tfvars.json`'
      : 'as `pgp_key` into the module block'
  return `## The access key's secret

**Without \`pgp_key\`** the secret stands in Terraform's state in plain text: whoever may read the state may read and delete the data. It is shown with:

${fence('terraform output -raw secret_access_key', 'sh')}

**With \`pgp_key\`** the secret is encrypted before it reaches the state, and only your private key opens it. \`pgp_key\` is the base64 of your binary public key, without line breaks. It is no secret. Before the first apply, put what this prints ${place}:

${fence("gpg --export <KEY_ID> | base64 | tr -d '\\n'", 'sh')}

After the apply, this shows the secret:

${fence('terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d', 'sh')}

The provider takes what GnuPG makes by default: RSA keys, and \`ed25519\` keys with a \`cv25519\` subkey, the older form of Curve 25519. It takes no ASCII-armored key. The secret is encrypted once, when the access key is made: a later \`pgp_key\` changes nothing about a key that is there.`
}

/** How not to lose the data. */
export function operationsSection({ target, spec }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  const [prefix, scope] = isRoot ? ['', ''] : ['module.store.', ' -target=module.store']
  return `## Before you destroy anything

${spec.manageBucket ? keepTheBucket(prefix, scope) : `The bucket is no part of this: \`terraform destroy${scope}\` leaves it as it is. Take the store out of Valohai first.`}`
}

function keepTheBucket(prefix: string, scope: string): string {
  return `**\`terraform destroy\` fails, and is meant to**: the bucket has \`prevent_destroy\`, so Terraform refuses any plan that would delete or replace it, another \`bucket_name\` included. S3 also refuses to delete a bucket that is not empty (\`force_destroy\` is off).

To give up the rest and keep the bucket as it is: take the store out of Valohai, let Terraform forget the bucket and its settings, which leaves them as they are in AWS, and destroy what is left:

${fence(
  `terraform state rm $(terraform state list | grep '^${prefix}aws_s3_bucket')
terraform destroy${scope}`,
  'sh',
)}`
}
