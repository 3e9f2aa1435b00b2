import { newStoreName } from '../store/names'
import { fence, mermaidLabel } from '../markdown/escape'
import { factsOf } from './facts'
import type { DocumentsRequest } from './request'

/** How bucket, user, role and Valohai hang together, as a Mermaid diagram. */
export function diagram({ options }: DocumentsRequest): string {
  const { userName, roleName } = factsOf(options)
  const { bucketName, region, kmsKeyArn, multipart, cors } = options
  const host = URL.canParse(options.valohaiOrigin)
    ? new URL(options.valohaiOrigin).host
    : options.valohaiOrigin
  const lines = [
    'flowchart LR',
    `  subgraph valohai [${mermaidLabel(`Valohai · ${host}`)}]`,
    `    store[${mermaidLabel(options.setDefault ? 'Default data store' : 'Data store', newStoreName(options))}]`,
    ...(multipart ? [`    worker[${mermaidLabel('Worker machines')}]`] : []),
    '  end',
    `  subgraph aws [${mermaidLabel(`Your AWS account · ${region}`)}]`,
    `    user[${mermaidLabel('IAM user', userName)}]`,
    ...(multipart ? [`    role[${mermaidLabel('IAM role', roleName)}]`] : []),
    `    bucket[(${mermaidLabel('S3 bucket', bucketName)})]`,
    ...(kmsKeyArn === undefined ? [] : [`    key[${mermaidLabel('KMS key', kmsKeyArn)}]`]),
    '  end',
    ...(cors ? [`  browser[${mermaidLabel('Browser in the web app')}]`] : []),
    `  store -->|${mermaidLabel('access key')}| user`,
    `  user -->|${mermaidLabel('full access')}| bucket`,
    ...(multipart
      ? [
          `  user -->|${mermaidLabel('assumes')}| role`,
          `  role -->|${mermaidLabel('temporary credentials')}| worker`,
          `  worker -->|${mermaidLabel('uploads outputs over 5 GB')}| bucket`,
        ]
      : []),
    ...(cors ? [`  browser -->|${mermaidLabel('signed uploads')}| bucket`] : []),
    ...(kmsKeyArn === undefined ? [] : [`  bucket -->|${mermaidLabel('encrypted with')}| key`]),
  ]
  return fence(lines.join('\n'), 'mermaid')
}
