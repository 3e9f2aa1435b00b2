import { setTimeout as sleep } from 'node:timers/promises'
import { proveCredentials } from '../aws/credential-proof'
import { preflight, refuseElsewhere } from '../aws/preflight'
import type { Invocation } from '../config'
import { outputsOf } from '../decide/outcome'
import { httpClient } from '../http'
import { connect, type ConnectRequest, type ConnectWorld } from '../run/connect'
import type { Surroundings } from '../run/real-world'
import { accountIn } from '../store/arn'
import { ValohaiClient } from '../valohai'
import type { Door, Result } from './command'

/** Gives the key of Terraform that somebody else applied to the project's store. */
export async function run({ request, command }: Invocation, door: Door): Promise<Result> {
  const { outputs } = request
  if (outputs === undefined) throw new Error(`${command.name} has no outputs to work with.`)
  const asked = { ...request, outputs }
  const outcome = await connect(asked, realWorld(asked, door.surroundings()))
  return {
    outputs: outputsOf(outcome, request),
    report: (report) => report.outcome(request, outcome),
  }
}

function realWorld(
  { outputs, valohai }: ConnectRequest,
  { reporter, environment, signal }: Surroundings,
): ConnectWorld {
  const info = reporter.info.bind(reporter)
  const { region } = outputs.bucket
  const owner = { id: accountIn(outputs.user.arn) ?? '' }
  const clock = {
    now: () => Date.now(),
    sleep: (milliseconds: number) => sleep(milliseconds, undefined, { signal }),
  }
  return {
    reporter,
    signal,
    now: () => new Date(),
    valohai:
      valohai && new ValohaiClient(valohai.origin, valohai.token, { http: httpClient(environment), info }),
    aws: {
      preflight: async (name, origin) => {
        const place = { name, region }
        await refuseElsewhere(place, owner)
        return preflight(place, owner, origin)
      },
      proveCredentials: (proof) => proveCredentials(proof, info, clock),
    },
  }
}
