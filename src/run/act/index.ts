import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'
import { handOver } from './hand-over'
import { removeLostKeys } from './remove-lost-keys'
import { renameStore } from './rename-store'
import { setDefault } from './set-default'
import { applyTerraform } from './terraform'

/** Does one step, and returns what the run has come to. */
export async function act(scene: Scene, step: Step, reached: Reached): Promise<Reached> {
  switch (step.kind) {
    case 'remove-lost-keys':
      return removeLostKeys(scene, step, reached)
    case 'terraform':
      return applyTerraform(scene, step, reached)
    case 'hand-over':
      return handOver(scene, step, reached)
    case 'rename-store':
      return renameStore(scene, reached)
    case 'set-default':
      return setDefault(scene, step, reached)
  }
}
