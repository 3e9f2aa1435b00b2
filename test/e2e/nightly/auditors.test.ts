import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { cloudFormationTemplate } from '../../../src/deployer/cloudformation'
import { deployerPolicies } from '../../../src/store/deployer-policy'
import {
  bucketPolicy,
  multipartPolicy,
  multipartTrustPolicy,
  storeUserPolicy,
  tlsOnlyPolicy,
} from '../../../src/store/policies'
import { ACCOUNT } from '../../support/aws-calls'
import { deployment } from '../../support/deployment'
import { describeWith } from '../../support/peers'

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/12345678-90ab-cdef-1234-567890abcdef`
const NAMES = {
  bucketArn: 'arn:aws:s3:::my-valohai-bucket',
  partition: 'aws',
  userArn: `arn:aws:iam::${ACCOUNT}:user/valohai-my-valohai-bucket`,
  kmsKeys: [KEY],
  kmsDecryptKeys: [KEY],
}
const GITHUB = { 'github-repository': 'acme/data', 'kms-key-arn': KEY }
const { policy, boundary, trust } = deployerPolicies(deployment(GITHUB))

/** Every policy that is printed or made, and in which file which function or constant explains what is found in it. */
const POLICIES: readonly [name: string, document: object, file: string, explainedAt: string][] = [
  ['the deploying role', policy, 'deployer-rights.ts', 'CHANGE'],
  ['a role that plans', deployerPolicies(deployment({ for: 'plan' })).policy, 'deployer-rights.ts', 'LOOK'],
  ['the boundary', boundary?.document ?? {}, 'deployer-policy.ts', 'boundaryDocument'],
  ['the trust in GitHub', trust?.() ?? {}, 'deployer-policy.ts', 'trustPolicy'],
  ['the user', storeUserPolicy(NAMES), 'policies.ts', 'storeUserPolicy'],
  ['the multipart role', multipartPolicy(NAMES), 'policies.ts', 'multipartPolicy'],
  ['the trust in the user', multipartTrustPolicy(NAMES), 'policies.ts', 'multipartTrustPolicy'],
  ['the bucket', bucketPolicy({ ...NAMES, denyReconfiguration: true }), 'policies.ts', 'bucketPolicy'],
  ['the state bucket', tlsOnlyPolicy(NAMES), 'policies.ts', 'tlsOnlyPolicy'],
]

/** What the comment above a function or a constant explains as found by an auditor. */
function explained(auditor: string, file: string, name: string): readonly string[] {
  const source = readFileSync(path.resolve(__dirname, '../../../src/store', file), 'utf8')
  const [before = ''] = source.split(new RegExp(`^(?:export )?(?:const|function) ${name}\\b`, 'm'))
  const comment = before.slice(before.lastIndexOf('/**')).replaceAll(/\s+\*\s+(?!-)/g, ' ')
  // `- Parliament A and B, Cloudsplaining "c": why`
  const heads = [...comment.matchAll(/- ((?:Parliament|Cloudsplaining) .*?): /g)].map(([, head = '']) => head)
  const ofAuditor = heads
    .flatMap((head) => head.split(/(?=Parliament|Cloudsplaining)/))
    .filter((part) => part.startsWith(auditor))
  return ofAuditor.flatMap((part) => part.match(/\b[A-Z_]{6,}\b|"[^"]+"/g) ?? []).sort()
}

const sorted = (found: readonly string[]): readonly string[] => [...new Set(found)].sort()

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-auditors-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const run = (program: string, args: readonly string[], input = ''): string => {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', input })
  if (status === null || stdout === '') expect(stderr).toBe('')
  return stdout
}

describeWith('parliament', (parliament) => {
  test.each(POLICIES)(
    'what is found in the policy of %s is explained beside its code',
    (_, document, file, name) => {
      const report = run(parliament, ['--include-community-auditors', '--json'], JSON.stringify(document))
      const findings = report
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { issue: string }).issue)
      expect(sorted(findings)).toEqual(explained('Parliament', file, name))
    },
  )
})

describeWith('cloudsplaining', (cloudsplaining) => {
  test.each(POLICIES)(
    'what is found in the policy of %s is explained beside its code',
    (_, document, file, name) => {
      const input = path.join(directory, 'policy.json')
      writeFileSync(input, JSON.stringify(document))
      // In colours.
      const report = stripVTControlCharacters(
        run(cloudsplaining, ['scan-policy-file', '--input-file', input]),
      )
      const findings = [...report.matchAll(/Potential Issue found: Policy (?:allows )?(.*?)(?: \(.*)?$/gm)]
      expect(report).toMatch(/Potential Issue found|There were no results found/)
      expect(sorted(findings.map(([, what = '']) => `"${what}"`))).toEqual(
        explained('Cloudsplaining', file, name),
      )
    },
  )
})

describeWith('cfn-lint', (cfnLint) => {
  test.each<[string, Record<string, string>]>([
    ['for GitHub', GITHUB],
    ['without a role', {}],
    ['to plan', { for: 'plan', 'github-repository': 'acme/data:pull_request' }],
    [
      'in an account that is not known',
      { ...GITHUB, 'allowed-account-ids': '', 'state-key': 'a/${b}*?.tfstate' },
    ],
  ])('finds nothing in the CloudFormation template %s', (_, inputs) => {
    const file = path.join(directory, 'template.json')
    writeFileSync(file, cloudFormationTemplate(deployment(inputs)))
    const { stdout, status } = spawnSync(cfnLint, ['--', file], { encoding: 'utf8' })
    expect([stdout, status]).toEqual(['', 0])
  })
})
