import { exportedFiles } from '../../src/export'
import { stateIdentity } from '../../src/state/backend'
import { parsed } from '../config/source'
import { fmtDiff } from '../infra/hcl/terraform'

const environment = { TF_CLOUD_ORGANIZATION: 'acme', TF_WORKSPACE: 'valohai-s3' }
const request = (more: Readonly<Record<string, string>> = {}) =>
  parsed({ command: 'synth', backend: 'cloud' }, { ...environment, ...more })

it('of HCP Terraform everything is written down, so that nothing in an environment can change it', () => {
  const text = exportedFiles(request({ TF_CLOUD_PROJECT: 'ML', TF_CLOUD_HOSTNAME: 'tfe.example.com' })).get(
    'backend.tf',
  )
  expect(text).toBe(`terraform {
  cloud {
    organization = "acme"
    hostname     = "tfe.example.com"

    workspaces {
      name    = "valohai-s3"
      project = "ML"
    }
  }
}
`)
  expect(fmtDiff([text!])).toBe('')
})

it('two workspaces are two states', () => {
  const identities = [{}, { TF_WORKSPACE: 'other' }, { TF_CLOUD_ORGANIZATION: 'other' }].map((more) =>
    stateIdentity(request(more).terraform.backend),
  )
  expect(new Set(identities).size).toBe(3)
})
