// One file for each page, merged here. Texts with something in them are
// functions; numbers go through count, which knows singular and plural.
import { apps } from './apps'
import { common, problems } from './common'
import { licenses } from './licenses'
import { list } from './list'
import { setup } from './setup'
import { shell } from './shell'
import { signIn } from './signIn'

export const en = {
  apps,
  common,
  licenses,
  list,
  problems,
  setup,
  shell,
  signIn,
}
