import { type CommandRow, type Invocation, InvalidInput } from '../config'
import { type Deployment, deployerPolicies } from '../store/deployer-policy'
import { DELETE_BUCKET, together } from '../store/deployer-rights'
import { roleName } from '../store/names'

/**
 * What the policies are printed of.
 *
 * @param commands all there are
 * @throws InvalidInput where the deploying role would have the name of the role that it makes
 */
export function deploymentOf(
  { inputs, request: { store, terraform } }: Pick<Invocation, 'inputs' | 'request'>,
  commands: readonly CommandRow[],
): Deployment {
  const { backend } = terraform
  const rights = commands.filter(({ name }) => inputs.for.includes(name)).flatMap((row) => row.rights ?? [])
  const deployment: Deployment = {
    store,
    state: backend.type === 's3' ? backend : undefined,
    commands: inputs.for,
    rights: together([...rights, ...(inputs['delete-bucket'] ? [DELETE_BUCKET] : [])]),
    accountId: inputs['allowed-account-ids'][0],
    subjects: inputs['github-repository'],
  }
  const { name } = deployerPolicies(deployment)
  // To IAM two names that differ in their case alone are one.
  if (roleName(store).toLowerCase() !== name.toLowerCase()) return deployment
  throw new InvalidInput([
    {
      input: 'multipart-role-name',
      problem: `"${name}" is the name of the deploying role, which could then give itself any right`,
      fix: 'Write another name',
    },
  ])
}
