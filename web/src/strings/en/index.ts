// One file for each page, merged here. Texts with something in them are
// functions; numbers go through count, which knows singular and plural.
import { account } from './account'
import { apps } from './apps'
import { audit } from './audit'
import { common, problems } from './common'
import { licenses } from './licenses'
import { list } from './list'
import { logs } from './logs'
import { overview } from './overview'
import { access, chats, files, gate, variables, webhooks } from './program'
import { server } from './server'
import { sessions } from './sessions'
import { settings } from './settings'
import { setup } from './setup'
import { shell } from './shell'
import { signIn } from './signIn'
import { subscriptions } from './subscriptions'
import { tokens } from './tokens'
import { users } from './users'
import { welcome } from './welcome'

export const en = {
  access,
  account,
  apps,
  audit,
  chats,
  common,
  files,
  gate,
  licenses,
  list,
  logs,
  overview,
  problems,
  server,
  sessions,
  settings,
  setup,
  shell,
  signIn,
  subscriptions,
  tokens,
  users,
  variables,
  webhooks,
  welcome,
}
