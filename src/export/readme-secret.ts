import { fence } from '../markdown/escape'
import type { DocumentsRequest } from './documents'

/** How the key's secret stays out of the state: what has to be there before the first apply, so it comes first. */
export function secretSection({ target, own }: DocumentsRequest): string {
  const isRoot = target.layout === 'root'
  const place = isRoot ? 'as `"pgp_key"` into `terraform.tfvars.json`' : 'as `pgp_key` into the module block'
  const give = isRoot
    ? `Export again with \`--pgp-key public-key.gpg\`, or put what this prints ${place}:`
    : `Put what this prints ${place}:`
  const toDo =
    typeof own.pgp_key === 'string'
      ? 'This export has one: `pgp_key` is set.'
      : `This export has none yet. Write your public key to a file:

${fence('gpg --export <KEY_ID> > public-key.gpg', 'sh')}

${give}

${fence("base64 < public-key.gpg | tr -d '\\n'", 'sh')}`
  return `## Before the first apply: a public key for the secret

The access key's secret is in Terraform's state. **With \`pgp_key\`** it stands there encrypted, and only your private key opens it. **Without \`pgp_key\`** it stands there, and in every plan, in plain text: whoever may read the state may read and delete the data.

${toDo}

\`pgp_key\` is the base64 of your binary public key, without line breaks, and no secret. It stands beside the other values, so that no later apply forgets it. The provider takes what GnuPG makes by default: RSA keys, and \`ed25519\` keys with a \`cv25519\` subkey, the older form of Curve 25519. The secret is encrypted once, when the access key is made: a later \`pgp_key\` changes nothing about a key that is there.`
}

/** How the secret is read after the apply. */
export function readSecret(): string {
  return `After the apply, this shows the access key's secret, with \`pgp_key\`:

${fence('terraform output -raw encrypted_secret_access_key | base64 -d | gpg -d', 'sh')}

And without:

${fence('terraform output -raw secret_access_key', 'sh')}`
}
