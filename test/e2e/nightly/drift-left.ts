import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteRolePermissionsBoundaryCommand,
  ListAccessKeysCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam'
import { changeRules, changeStatements, changeTags, held, POLICY, trust, type Drift } from './hands'

/** What others set beside ours, and what is theirs to set. */
export const OTHERS: readonly Drift[] = [
  {
    what: 'a statement of the bucket policy',
    change: (hands) =>
      changeStatements(hands, (ours) => [
        ...ours,
        {
          Sid: 'Partner',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::210987654321:root' },
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${hands.Bucket}/*`,
        },
      ]),
    says: [],
  },
  {
    what: 'a CORS rule',
    change: (hands) =>
      changeRules(hands, (ours) => [
        ...ours,
        { AllowedOrigins: ['https://tool.example'], AllowedMethods: ['PUT'], MaxAgeSeconds: 60 },
      ]),
    says: [],
  },
  {
    what: 'a tag of the bucket',
    change: (hands) => changeTags(hands, (ours) => [...ours, { Key: 'cost-center', Value: '7' }]),
    says: [],
  },
  {
    what: 'a policy of the user',
    change: ({ iam, UserName }) =>
      iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'of-a-team', PolicyDocument: POLICY })),
    says: [],
  },
  {
    what: 'the longest session of the role',
    change: ({ iam, RoleName }) => iam.send(new UpdateRoleCommand({ RoleName, MaxSessionDuration: 7200 })),
    says: [],
  },
  {
    what: "the store's name, where none was asked for",
    change: ({ store }) => (store().name = 'named-by-hand'),
    says: [],
  },
  {
    what: "the store's access, to a wider one",
    change: ({ store }) => (store().access_mode = 'owner_organization'),
    says: [],
  },
  {
    what: "an option of the store's",
    change: ({ store }) => (store().configuration.use_presigned_put_object = true),
    says: [],
  },
]

/** What `apply` leaves to people: `check` names it until they have done something. */
export const LEFT: readonly Drift[] = [
  {
    what: 'an access key',
    change: ({ iam, UserName }) => iam.send(new CreateAccessKeyCommand({ UserName })),
    says: [/^Nothing accounts for an access key/],
    undo: async (hands) => {
      const { iam, UserName } = hands
      const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }))
      const other = AccessKeyMetadata.find(({ AccessKeyId }) => AccessKeyId !== held(hands))
      await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: other?.AccessKeyId }))
    },
  },
  {
    what: 'a store of the bucket',
    change: ({ stores, store }) =>
      stores.push({
        ...structuredClone(store()),
        id: 'store-by-hand',
        name: 'store-by-hand',
        project: 'another-project',
        configuration: { bucket: String(store().configuration.bucket), access_key_id: 'AKIABYHAND' },
      }),
    says: [/^Nothing accounts for another data store of the bucket/],
    undo: ({ stores }) => stores.pop(),
  },
  {
    what: 'a statement that lets everybody in',
    change: (hands) =>
      changeStatements(hands, (all) => [
        ...all,
        {
          Sid: 'Everybody',
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${hands.Bucket}/*`,
        },
      ]),
    says: [/^The bucket is public, as AWS judges its policy/],
    undo: (hands) => changeStatements(hands, (all) => all.filter(({ Sid }) => Sid !== 'Everybody')),
  },
]

/** What `apply` refuses to go on with, since it would have to take something away. */
export const REFUSED: readonly (Drift & { readonly refusal: string })[] = [
  {
    what: 'somebody else whom the role trusts',
    change: (hands) =>
      trust(hands, `arn:aws:iam::123456789012:user/${hands.UserName}`, 'arn:aws:iam::123456789012:user/ada'),
    says: [],
    refusal: 'trusts arn:aws:iam::123456789012:user/ada too',
    undo: (hands) => trust(hands, `arn:aws:iam::123456789012:user/${hands.UserName}`),
  },
  {
    what: 'a permissions boundary of the role',
    change: ({ iam, RoleName }) =>
      iam.send(
        new PutRolePermissionsBoundaryCommand({
          RoleName,
          PermissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
        }),
      ),
    says: [],
    refusal: 'Set `permissions-boundary: arn:aws:iam::123456789012:policy/boundary` for both',
    undo: ({ iam, RoleName }) => iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName })),
  },
]
