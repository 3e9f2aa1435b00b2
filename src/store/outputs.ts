/** Output of the Terraform configuration: the origin that our CORS rules let upload. */
export const ORIGIN_OUTPUT = 'valohai_origin'
