import { fence, mermaidLabel } from '../markdown/escape'
import type { Outcome } from '../decide/outcome'
import { accountIn, nameIn } from './console-links'
import type { Facts } from './facts'

/** How bucket, user, role and Valohai hang together, as a Mermaid diagram. */
export function diagram({ aws, valohai, keys }: Outcome, facts: Facts): string {
  const { bucket, region, valohaiOrigin, kmsKeyArn } = facts
  const account = accountIn(aws.iamUserArn)
  const place = account === undefined ? ['AWS', region] : ['AWS', `account ${account}`, region]
  const lines = [
    'flowchart LR',
    ...(valohai === undefined
      ? []
      : [
          `  subgraph valohai [${mermaidLabel(`Valohai · ${new URL(valohaiOrigin).host}`)}]`,
          `    project[${mermaidLabel('Project', valohai.project)}]`,
          `    store[${mermaidLabel('Data store', valohai.storeName)}]`,
          '  end',
        ]),
    `  subgraph aws [${mermaidLabel(place.join(' · '))}]`,
    `    user[${mermaidLabel('IAM user', ...named(aws.iamUserArn))}]`,
    ...(aws.multipartRoleArn === undefined
      ? []
      : [`    role[${mermaidLabel('IAM role', nameIn(aws.multipartRoleArn))}]`]),
    `    bucket[(${mermaidLabel('S3 bucket', bucket)})]`,
    ...(kmsKeyArn === undefined ? [] : [`    key[${mermaidLabel('KMS key', nameIn(kmsKeyArn))}]`]),
    '  end',
    ...(valohai === undefined
      ? []
      : [
          `  project -->|${mermaidLabel(linkOf(valohai.defaultStore))}| store`,
          `  store -->|${mermaidLabel('access key', ...(keys.current?.id === undefined ? [] : [keys.current?.id]))}| user`,
        ]),
    `  user -->|${mermaidLabel('reads and writes')}| bucket`,
    ...(aws.multipartRoleArn === undefined
      ? []
      : [
          `  user -->|${mermaidLabel('assumes')}| role`,
          `  role -->|${mermaidLabel('outputs over 5 GB')}| bucket`,
        ]),
    ...(kmsKeyArn === undefined ? [] : [`  bucket -->|${mermaidLabel('encrypted with')}| key`]),
  ]
  return fence(lines.join('\n'), 'mermaid')
}

function named(arn: string | undefined): string[] {
  return arn === undefined ? [] : [nameIn(arn)]
}

function linkOf({ isThisStore, changes }: { isThisStore: boolean; changes: boolean }): string {
  return isThisStore || changes ? 'default store' : 'store'
}
