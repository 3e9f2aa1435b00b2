import type { Place, Rights } from './deployer-rights'
import { baseName, boundaryName, deployerName, KMS_KEY_ARN, LOCK_SUFFIXES, roleName, userName } from './names'
import { type PolicyDocument, storeUserPolicy } from './policies'
import { partitionOf } from './regions'
import type { StoreSpec } from './spec'

/** Stands for the number of the account where it is not known. */
export const ACCOUNT = '<ACCOUNT_ID>'

/** The issuer of the tokens that GitHub gives to workflows. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com'

/** A state in S3, and what its backend is set to besides. */
export interface StateInS3 {
  readonly bucket: string
  readonly key: string
  readonly extra: Readonly<Record<string, string>>
}

/** What the deploying role's policies are made from. */
export interface Deployment {
  readonly store: StoreSpec
  /** `undefined` for a state that is kept elsewhere, whose backend says what it needs. */
  readonly state: StateInS3 | undefined
  /** The commands that are to work. */
  readonly commands: readonly string[]
  /** What they need. */
  readonly rights: Rights
  /** Number of the account. @default - not known */
  readonly accountId: string | undefined
  /**
   * What workflows may assume the role, each as GitHub writes it into the token, without `repo:`:
   * `acme/data:ref:refs/heads/main`, `acme/data:environment:production`.
   */
  readonly subjects: readonly string[]
}

/** The policies of a deployment. */
export interface DeployerPolicies {
  /** Name of the deploying role, and of its policy. */
  readonly name: string
  /** What the deploying role may do. */
  readonly policy: PolicyDocument
  /** What the store's user and role may do at most; `undefined` where a boundary was given, or nothing is made. */
  readonly boundary: { readonly name: string; readonly document: PolicyDocument } | undefined
  /** ARN of the boundary, made or given. */
  readonly boundaryArn: string
  /**
   * Who may assume the deploying role; without subjects nobody.
   *
   * @param provider ARN of the account's OIDC provider for GitHub, or the format's expression of it
   */
  readonly trust: ((provider?: string | object) => PolicyDocument) | undefined
  readonly partition: string
}

/**
 * The smallest policies with which commands work for the names of one store. Who has them can make nobody and nothing
 * that may do more than the boundary allows, and nothing about the deploying role itself: every ARN is exact, but
 * those of users that are only looked at.
 *
 * @param account what stands for the number of the account where it is not known: a format may know an expression
 */
export function deployerPolicies(deployment: Deployment, account = ACCOUNT): DeployerPolicies {
  const { store, rights, commands, subjects } = deployment
  const names = namesOf(deployment, account)
  const base = baseName(store)
  const isBounded = rights.BoundedUser !== undefined || rights.BoundedRole !== undefined
  return {
    name: deployerName(base, commands),
    policy: document(statements(deployment, names)),
    boundary:
      store.permissionsBoundary === undefined && isBounded
        ? { name: boundaryName(base), document: boundaryDocument(store, names) }
        : undefined,
    boundaryArn: names.boundary,
    trust:
      subjects.length === 0
        ? undefined
        : (provider = `${names.iam}:oidc-provider/${GITHUB_ISSUER}`) =>
            trustPolicy(subjects, provider, names),
    partition: names.partition,
  }
}

/** ARNs, as they stand in a policy. */
interface Names {
  readonly partition: string
  readonly iam: string
  readonly bucket: string
  readonly role: string
  readonly boundary: string
  /** What the statement about each place is for; without any there is no such statement. */
  readonly resources: Readonly<Record<Place, readonly string[]>>
}

/** Text as itself where IAM reads wildcards and variables. */
const literal = (text: string): string => text.replaceAll(/[*?$]/g, (character) => `\${${character}}`)

function namesOf({ store, state, accountId }: Deployment, account: string): Names {
  const partition = partitionOf(store.region) ?? 'aws'
  const iam = `arn:${partition}:iam::${accountId ?? account}`
  const s3 = (path: string): string => `arn:${partition}:s3:::${literal(path)}`
  const path = literal(store.iamPath)
  const bucket = s3(store.bucketName)
  const role = `${iam}:role${path}${literal(roleName(store))}`
  const user = `${iam}:user${path}${literal(userName(store))}`
  const made = `${iam}:policy/${boundaryName(baseName(store))}`
  const inState = (suffixes: readonly string[]): readonly string[] =>
    state === undefined ? [] : suffixes.map((suffix) => s3(`${state.bucket}/${state.key}${suffix}`))
  const stateBucket = state === undefined ? [] : [s3(state.bucket)]
  return {
    partition,
    iam,
    bucket,
    role,
    boundary: store.permissionsBoundary === undefined ? made : literal(store.permissionsBoundary),
    resources: {
      Bucket: [bucket],
      BucketSettings: store.manageBucket ? [bucket] : [],
      StateBucket: stateBucket,
      StateBucketSettings: stateBucket,
      State: inState(['', LOCK_SUFFIXES.terraform, LOCK_SUFFIXES.run]),
      StateLock: inState([LOCK_SUFFIXES.terraform]),
      AnyUser: [`${iam}:user/*`],
      User: [user],
      BoundedUser: [user],
      Role: [role],
      BoundedRole: [role],
    },
  }
}

function statements({ rights, state }: Deployment, { resources, boundary }: Names): object[] {
  const bounded = { Condition: { ArnEquals: { 'iam:PermissionsBoundary': boundary } } }
  const ofPlaces = (Object.keys(resources) as Place[]).flatMap((place) => {
    const Action = rights[place] ?? []
    const Resource = resources[place]
    if (Action.length === 0 || Resource.length === 0) return []
    const isBounded = place === 'BoundedUser' || place === 'BoundedRole'
    return [{ Sid: place, Effect: 'Allow', Action, Resource, ...(isBounded && bounded) }]
  })
  const key = state?.extra.kms_key_id
  if (key === undefined || !isKeyArn(key)) return ofPlaces
  const Action = rights.StateLock === undefined ? ['kms:Decrypt'] : ['kms:Decrypt', 'kms:GenerateDataKey']
  return [...ofPlaces, { Sid: 'StateKey', Effect: 'Allow', Action, Resource: [literal(key)] }]
}

/** Whether a policy can name the key: IAM grants nothing by an alias. */
export const isKeyArn = (key: string): boolean => new RegExp(KMS_KEY_ARN).test(key)

/**
 * What the guide's two policies allow, for user and role alike, and that the user may assume the role.
 *
 * Every key may be used whole: an earlier one keeps its grant as long as the store may still write with it.
 *
 * A boundary grants nothing by itself. What is found in it:
 * - Parliament CREDENTIALS_EXPOSURE: Valohai assumes the role, for outputs over 5 GB. It is that role alone.
 * - Parliament PERMISSIONS_MANAGEMENT_ACTIONS, RESOURCE_MISMATCH and Cloudsplaining "ALL Actions from a service": as
 *   of the user's policy, whose statements these are.
 */
function boundaryDocument(store: StoreSpec, { bucket, partition, role }: Names): PolicyDocument {
  const { kmsKeyArn, kmsDecryptKeyArns } = store
  const { Statement } = storeUserPolicy({
    bucketArn: bucket,
    partition,
    kmsKeys: [...(kmsKeyArn === undefined ? [] : [kmsKeyArn]), ...kmsDecryptKeyArns],
    kmsDecryptKeys: [],
  })
  return document([
    ...Statement,
    { Sid: 'AssumeMultipartRole', Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: [role] },
  ])
}

/**
 * Workflows of GitHub, told by the token that GitHub signs for them. What is found in it:
 * - Parliament MALFORMED: it reads every policy as an identity's, and a trust policy has no resource.
 * - Parliament UNKNOWN_FEDERATION_SOURCE: it knows SAML and a few OIDC providers. GitHub's is the one that is meant.
 */
function trustPolicy(
  subjects: readonly string[],
  Federated: string | object,
  { partition }: Names,
): PolicyDocument {
  return document([
    {
      Effect: 'Allow',
      Principal: { Federated },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${GITHUB_ISSUER}:aud`]: audienceOf(partition),
          [`${GITHUB_ISSUER}:sub`]: subjects.map((subject) => `repo:${literal(subject)}`),
        },
      },
    },
  ])
}

/** Whom `aws-actions/configure-aws-credentials` asks GitHub to write the token for. */
export const audienceOf = (partition: string): string =>
  partition === 'aws-cn' ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com'

const document = (Statement: readonly object[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
