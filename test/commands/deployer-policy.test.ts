import { COMMANDS } from '../../src/commands'
import { run } from '../../src/commands/deployer-policy'
import { parseRequest } from '../../src/config'
import { deployerPolicies } from '../../src/store/deployer-policy'
import { problems, source } from '../config/source'
import { deployment } from '../support/deployment'

const INPUTS = { command: 'deployer-policy', bucket: 'my-valohai-bucket', region: 'eu-west-1' }

/** What the command prints, and what it says beside. */
async function printed(
  inputs: Readonly<Record<string, string>> = {},
): Promise<{ text: string; notes: string }> {
  const notes: string[] = []
  const note = (text: string): void => void notes.push(text)
  const reporter = { info: note, warning: note, start: note, end: note, mask: note }
  const { lines = [] } = await run(parseRequest(source({ ...INPUTS, ...inputs }), COMMANDS), {
    reporter: reporter as never,
    surroundings: () => {
      throw new Error('It needs nothing of the world.')
    },
  })
  return { text: lines.map((line) => (typeof line === 'string' ? line : line.text)).join('\n'), notes: notes.join('\n') }
}

it('prints the policy document itself, and nothing else', async () => {
  const { text, notes } = await printed()
  expect(JSON.parse(text)).toEqual(deployerPolicies(deployment({ 'allowed-account-ids': '' })).policy)
  expect(notes).toContain('Replace <ACCOUNT_ID>')
})

it('says the boundary, and that each run has to be given it', async () => {
  const { notes } = await printed({ 'allowed-account-ids': '123456789012\n210987654321' })
  const arn = 'arn:aws:iam::123456789012:policy/boundary-valohai-my-valohai-bucket'
  expect(notes).toContain(`permissions-boundary: ${arn}`)
  expect(notes).toContain('"sts:AssumeRole"')
  expect(notes).not.toContain('<ACCOUNT_ID>')
})

it('says the trust policy, where that is asked for', async () => {
  expect((await printed({ 'github-repository': 'acme/data' })).notes).toContain(
    '"repo:acme/data:ref:refs/heads/main"',
  )
  expect((await printed()).notes).not.toContain('trust policy')
})

it.each([
  [{ for: 'plan' }, /^(?![^]*permissions-boundary)/],
  [{ format: 'cloudformation' }, /CAPABILITY_NAMED_IAM/],
  [{ format: 'terraform' }, /no role in it: `github-repository`/],
  [{ backend: 'gcs' }, /a backend other than S3/],
  [{ 'backend-config': 'kms_key_id=alias/states' }, /KMS key alias\/states: grant kms:Decrypt/],
  [{ 'state-key': 'k'.repeat(1000) }, /no policy of more than 6144 characters/],
  [
    { 'kms-key-arn': 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
    /Before `kms-key-arn` changes/,
  ],
])('of %j says what a person has to know', async (inputs, words) => {
  expect((await printed(inputs)).notes).toMatch(words)
})

it("hcl, which is the other commands' word, is Terraform", async () => {
  expect((await printed({ format: 'hcl' })).text).toBe((await printed({ format: 'terraform' })).text)
})

it('refuses a role that would be the deploying role itself, in any case', async () => {
  await expect(
    (async () => printed({ 'multipart-role-name': 'Apply-Valohai-My-Valohai-Bucket' }))(),
  ).rejects.toThrow(/multipart-role-name: .* the deploying role/)
})

it.each([
  [{ for: 'synth' }, 'for', /"synth" is not one of the choices/],
  [{ for: 'apply\nfly' }, 'for', /Line 2: "fly"/],
  [{ 'github-repository': 'acme' }, 'github-repository', /names no repository/],
  [{ 'github-repository': 'acme/*' }, 'github-repository', /names no repository/],
  [{ 'github-repository': 'acme/data:*' }, 'github-repository', /"\*" is no branch/],
  [{ 'github-repository': 'acme/data:ref:refs/heads/*' }, 'github-repository', /no branch/],
  [{ 'allowed-account-ids': '1234' }, 'allowed-account-ids', /is not the id of an AWS account/],
  [{ format: 'yaml' }, 'format', /"yaml"/],
])('refuses %j', (inputs, input, problem) => {
  expect(problems({ ...INPUTS, ...inputs })).toEqual([
    { input, problem: expect.stringMatching(problem), fix: expect.any(String) },
  ])
})

it('the formats of policies are no languages of Terraform files', () => {
  expect(problems({ command: 'synth', format: 'cloudformation' }).map(({ fix }) => fix)).toEqual([
    'Write hcl or json',
  ])
})
