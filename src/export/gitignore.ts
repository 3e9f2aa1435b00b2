/** Name of the file that keeps states and plans out of git. */
export const GITIGNORE = '.gitignore'

/** What Terraform leaves beside the files, and what has secrets in it: states, and plans under the names used here. */
export const IGNORED = [
  '.terraform/',
  '*.tfstate',
  '*.tfstate.*',
  'tfplan',
  '*.tfplan',
  'crash*.log',
] as const

/** The file itself. */
export const gitignore = (): string =>
  `# States and plans hold the secret of the access key, in plain text where pgp_key is null.\n${IGNORED.join('\n')}\n`
