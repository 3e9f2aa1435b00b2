import { fence, fold } from '../markdown/escape'
import { ACCOUNT, deployerPolicies } from '../store/deployer-policy'
import { CHANGE } from '../store/deployer-rights'
import type { DocumentsRequest } from './documents'

/** What whoever applies the configuration may do at most, and the boundary that this supposes. */
export function rightsSection({ spec, target }: DocumentsRequest): string {
  const { bucket, key } = target.backend.settings
  const isInS3 = target.layout === 'root' && target.backend.type === 's3'
  const state =
    isInS3 && typeof bucket === 'string' && typeof key === 'string' ? { bucket, key, extra: {} } : undefined
  const { policy, boundary, boundaryArn } = deployerPolicies({
    store: spec,
    state,
    commands: ['apply'],
    rights: CHANGE,
    accountId: undefined,
    subjects: [],
  })
  const policyOf = (title: string, document: object): string =>
    fold(title, fence(JSON.stringify(document, null, 2), 'json'))
  const paragraphs = [
    '## Who may apply it',
    `With the following a role may apply this, and a step of the Action may go on with it; \`${ACCOUNT}\` stands for the number of the account.${
      state !== undefined ? '' : ' What the backend of the state needs comes on top.'
    }`,
    policyOf('Policy of the role that applies', policy),
    ...(boundary === undefined
      ? []
      : [
          `It lets that role make no user and no role without the permissions boundary \`${boundaryArn}\`, so that nobody who gets hold of it can make an administrator. Make that policy first, and set \`permissions_boundary\` to its ARN:`,
          policyOf('The boundary: what the user and the role may do at most', boundary.document),
        ]),
  ]
  return paragraphs.join('\n\n')
}
