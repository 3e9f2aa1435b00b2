import { fence, mermaidLabel } from './escape'

/** What a diagram of a store shows. All of it is plain text; what is `undefined` is not drawn. */
export interface StoreDiagram {
  readonly valohai:
    | {
        readonly host: string
        readonly project: string | undefined
        readonly store: string
        /** Whether it is the project's default store, or becomes it. */
        readonly isDefault: boolean
        /** Id of the access key that the store holds. */
        readonly accessKeyId: string | undefined
      }
    | undefined
  /** What the AWS account is called, e.g. `AWS · account 123456789012 · eu-west-1`. */
  readonly account: string
  readonly user: string | undefined
  readonly role: string | undefined
  readonly bucket: string
  readonly kmsKey: string | undefined
  /** Whether browsers may upload (CORS). */
  readonly browser: boolean
}

/** How bucket, user, role and Valohai hang together, as a Mermaid diagram. */
export function storeDiagram({
  valohai,
  account,
  user,
  role,
  bucket,
  kmsKey,
  browser,
}: StoreDiagram): string {
  const lines = [
    'flowchart LR',
    valohai && [
      `  subgraph valohai [${mermaidLabel(`Valohai · ${valohai.host}`)}]`,
      `    project[${label('Project', valohai.project)}]`,
      `    store[${label('Data store', valohai.store)}]`,
      '  end',
    ],
    `  subgraph aws [${label(account)}]`,
    `    user[${label('IAM user', user)}]`,
    role !== undefined && `    role[${label('IAM role', role)}]`,
    `    bucket[(${label('S3 bucket', bucket)})]`,
    kmsKey !== undefined && `    key[${label('KMS key', kmsKey)}]`,
    '  end',
    browser && `  browser[${label('Browser in the web app')}]`,
    valohai && [
      `  project -->|${label(valohai.isDefault ? 'default store' : 'store')}| store`,
      `  store -->|${label('access key', valohai.accessKeyId)}| user`,
    ],
    `  user -->|${label('reads and writes')}| bucket`,
    role !== undefined && [
      `  user -->|${label('assumes')}| role`,
      `  role -->|${label('outputs over 5 GB')}| bucket`,
    ],
    browser && `  browser -->|${label('signed uploads')}| bucket`,
    kmsKey !== undefined && `  bucket -->|${label('encrypted with')}| key`,
  ]
  const drawn = lines.flat().filter((line) => typeof line === 'string')
  return fence(drawn.join('\n'), 'mermaid')
}

/** A label of one line for each part that is known. */
function label(...parts: readonly (string | undefined)[]): string {
  return mermaidLabel(...parts.filter((part) => part !== undefined))
}
