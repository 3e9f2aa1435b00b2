import {
  APPROVAL,
  AWS,
  CHECK,
  DEPLOYER,
  DESTROY,
  EXPORT,
  FILES,
  PLAN,
  STATE,
  STORE,
  TERRAFORM,
  VALOHAI,
} from '../config/inputs'
import { CHANGE, LOOK, TAKE_DOWN } from '../store/deployer-rights'
import type { Command } from './command'

export type { Command, Door, Line, Result } from './command'

/** Every command, in the order help lists them. Dispatch, the reading of inputs, help and documents use it. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'apply',
    summary: 'Make the bucket and link it to the Valohai project.',
    needs: ['bucket', 'region', ...VALOHAI],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...APPROVAL, 'github-token'],
    runsTerraform: true,
    rights: CHANGE,
    load: () => import('./apply'),
  },
  {
    name: 'plan',
    summary: 'Show what apply would change, and change nothing.',
    needs: ['bucket', 'region'],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...PLAN],
    optional: { inputs: VALOHAI, without: 'plan without Valohai' },
    runsTerraform: true,
    rights: LOOK,
    load: () => import('./plan'),
  },
  {
    name: 'check',
    summary: 'Tell whether everything still holds, in AWS and in Valohai, and change nothing.',
    needs: ['bucket', 'region'],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...CHECK, 'github-token'],
    optional: { inputs: VALOHAI, without: 'check without Valohai' },
    runsTerraform: true,
    rights: LOOK,
    load: () => import('./check'),
  },
  {
    name: 'rotate-key',
    summary: 'Give the store a new access key; the old one stays for its grace.',
    needs: ['bucket', 'region', ...VALOHAI],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...APPROVAL, 'github-token'],
    runsTerraform: true,
    rights: CHANGE,
    load: () => import('./rotate-key'),
  },
  {
    name: 'destroy',
    summary: 'Take it down: the store, its key, user and role. The bucket stays, unless you say otherwise.',
    needs: ['bucket', 'region', ...VALOHAI],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...DESTROY, 'delete-bucket'],
    runsTerraform: true,
    rights: TAKE_DOWN,
    load: () => import('./destroy'),
  },
  {
    name: 'synth',
    summary: 'Write the Terraform for review. Needs neither Terraform, AWS nor Valohai.',
    needs: ['bucket', 'region'],
    takes: ['valohai-project', ...STORE, ...STATE, ...FILES, ...EXPORT],
    isExport: true,
    runsTerraform: false,
    load: () => import('./synth'),
  },
  {
    name: 'connect',
    summary:
      'Give the access key of exported Terraform, applied by somebody else, to the Valohai project. Needs neither Terraform nor AWS credentials.',
    needs: ['outputs-file', ...VALOHAI],
    takes: ['bucket', 'region', ...STORE, 'prove-key'],
    runsTerraform: false,
    load: () => import('./connect'),
  },
  {
    name: 'deployer-policy',
    summary: 'Print the smallest IAM policy with which commands work. Needs neither AWS nor Valohai.',
    needs: ['bucket', 'region'],
    takes: ['valohai-project', ...STORE, ...STATE, 'format', 'allowed-account-ids', ...DEPLOYER],
    formats: ['json', 'terraform', 'hcl', 'cloudformation'],
    runsTerraform: false,
    load: () => import('./deployer-policy'),
  },
]
