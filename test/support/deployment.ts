import { COMMANDS } from '../../src/commands'
import { parseRequest } from '../../src/config'
import { deploymentOf } from '../../src/deployer/deployment'
import type { Deployment } from '../../src/store/deployer-policy'
import { ACCOUNT } from './aws-calls'

/** What `deployer-policy` prints the policies of, for these inputs. @default - a bucket, in the emulator's account */
export function deployment(inputs: Readonly<Record<string, string>> = {}): Deployment {
  const all: Record<string, string> = {
    command: 'deployer-policy',
    bucket: 'my-valohai-bucket',
    region: 'eu-west-1',
    'allowed-account-ids': ACCOUNT,
    ...inputs,
  }
  return deploymentOf(parseRequest({ get: (name) => all[name], environment: {} }, COMMANDS), COMMANDS)
}
