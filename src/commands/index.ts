import {
  APPROVAL,
  AWS,
  DEPLOYER,
  EXPORT,
  FILES,
  PLAN,
  STATE,
  STORE,
  TERRAFORM,
  VALOHAI,
} from '../config/inputs'
import { CHANGE, LOOK } from '../store/deployer-rights'
import type { Command } from './command'

export type { Command, Door, Result } from './command'

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
    name: 'rotate-key',
    summary: 'Give the store a new access key; the old one stays for its grace.',
    needs: ['bucket', 'region', ...VALOHAI],
    takes: [...STORE, ...AWS, ...STATE, ...TERRAFORM, ...FILES, ...APPROVAL, 'github-token'],
    runsTerraform: true,
    rights: CHANGE,
    load: () => import('./rotate-key'),
  },
  {
    name: 'synth',
    summary: 'Write the Terraform for review. Needs neither Terraform, AWS nor Valohai.',
    needs: ['bucket', 'region'],
    takes: ['valohai-project', ...STORE, ...STATE, ...FILES, ...EXPORT],
    runsTerraform: false,
    load: () => import('./synth'),
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
