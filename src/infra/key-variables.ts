import { each, validation } from './kinds-of-variables'
import type { Variable } from './variables'

/** Base64 of an OpenPGP packet of the kind "public key" (RFC 9580, 5.5.1.1), in either form of its first byte. */
const PUBLIC_KEY =
  '^(m[A-Za-z0-9+/]|x[g-v])[A-Za-z0-9+/]{2}([A-Za-z0-9+/]{4}){15,}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

/** The variables of the access key: which generations there are, and whom the secret is encrypted for. */
export function keyVariables(): Variable[] {
  return [
    {
      name: 'access_key_generations',
      value: ['1'],
      body: {
        type: 'set(string)',
        description:
          'Generations of the access key, as whole numbers: one key each, the highest is the current one. IAM allows two at a time.',
        default: ['1'],
        nullable: false,
        validation: validation(
          `(
  length(var.access_key_generations) >= 1 &&
  length(var.access_key_generations) <= 2 &&
  ${each('access_key_generations', '^[1-9][0-9]*$').replaceAll('\n', '\n  ')}
)`,
          'Give one or two whole numbers from "1" up, like ["1"], or ["1", "2"] in the middle of a rotation.',
        ),
      },
    },
    {
      name: 'pgp_key',
      value: null,
      body: {
        type: 'string',
        description:
          "Base64 of your binary OpenPGP public key. With it the state holds the access key's secret encrypted only; without it in plain text.",
        default: null,
        validation: validation(
          `(
  var.pgp_key == null ||
  can(regex("${PUBLIC_KEY}", var.pgp_key))
)`,
          'Give null, or base64 of a binary OpenPGP public key: in one line, of no ASCII armor and of no private key.',
        ),
      },
    },
  ]
}
