import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'
import { changeStore } from './change-store'
import { clearDefault } from './clear-default'
import { deleteStore } from './delete-store'
import { handOver } from './hand-over'
import { makeRoom } from './make-room'
import { removeLeftovers } from './remove-leftovers'
import { removeLostKeys } from './remove-lost-keys'
import { removePolicies } from './remove-policies'
import { setDefault } from './set-default'
import { applyTerraform } from './terraform'

/** Does one step, and returns what the run has come to. */
export async function act(scene: Scene, step: Step, reached: Reached): Promise<Reached> {
  switch (step.kind) {
    case 'remove-lost-keys':
      return removeLostKeys(scene, step, reached)
    case 'terraform':
      return step.part === 'make-room' ? makeRoom(scene, step, reached) : applyTerraform(scene, step, reached)
    case 'hand-over':
      return handOver(scene, step, reached)
    case 'change-store':
      return changeStore(scene, step, reached)
    case 'set-default':
      return setDefault(scene, step, reached)
    case 'clear-default':
      return clearDefault(scene, step, reached)
    case 'delete-store':
      return deleteStore(scene, step, reached)
    case 'remove-policies':
      return removePolicies(scene, step, reached)
    case 'remove-leftovers':
      return removeLeftovers(scene, step, reached)
  }
}
