import { storeDiagram } from '../markdown/diagram'
import type { Outcome } from '../decide/outcome'
import { accountIn } from '../store/arn'
import { nameIn } from './console-links'
import type { Facts } from './facts'

/** How bucket, user, role and Valohai hang together after a run, as a Mermaid diagram. */
export function diagram({ aws, valohai, keys }: Outcome, facts: Facts): string {
  const { bucket, region, valohaiOrigin, kmsKeyArn } = facts
  const account = accountIn(aws.iamUserArn)
  return storeDiagram({
    valohai: valohai && {
      host: new URL(valohaiOrigin).host,
      project: valohai.project,
      store: valohai.storeName,
      isDefault: valohai.defaultStore.isThisStore || valohai.defaultStore.changes,
      accessKeyId: keys.current?.id,
    },
    account: ['AWS', ...(account === undefined ? [] : [`account ${account}`]), region].join(' · '),
    user: aws.iamUserArn && nameIn(aws.iamUserArn),
    role: aws.multipartRoleArn && nameIn(aws.multipartRoleArn),
    bucket,
    kmsKey: kmsKeyArn && nameIn(kmsKeyArn),
    browser: false,
  })
}
