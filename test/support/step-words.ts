import type { Step } from '../../src/decide/steps'

/** A step in a few words. */
export function stepWords(step: Step): string {
  switch (step.kind) {
    case 'remove-lost-keys':
      return `remove ${step.ids.join(', ')}`
    case 'terraform':
      return step.part === 'make-room' ? `make room: ${step.generations.join(', ')}` : step.part
    case 'hand-over':
      return `hand over ${step.generation}`
    case 'change-store':
      return 'rename'
    case 'set-default':
      return `default of ${step.project.name}`
    case 'clear-default':
      return `clear the default of ${step.project.name}`
    case 'delete-store':
      return `delete ${step.store.id}`
    case 'remove-policies':
      return `remove ${step.policies.map(({ on, name }) => `${name} of ${on}`).join(', ')}`
    case 'remove-leftovers':
      return `remove ${step.leftovers.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`
  }
}
