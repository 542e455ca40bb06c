// Every permission, grouped as the form shows them: those of
// internal/latchkey/account.go. A test of internal/dashboard compares the two.
export const permissionGroups: [string, string[]][] = [
  ['apps', ['apps.read', 'apps.create', 'apps.update', 'apps.secrets', 'apps.delete']],
  ['subscriptions', ['subscriptions.read', 'subscriptions.write']],
  ['licenses', ['licenses.read', 'licenses.create', 'licenses.update', 'licenses.ban', 'licenses.delete']],
  ['users', ['users.read', 'users.create', 'users.update', 'users.ban', 'users.delete']],
  ['sessions', ['sessions.read', 'sessions.kill']],
  ['variables', ['variables.read', 'variables.write']],
  ['files', ['files.read', 'files.write']],
  ['webhooks', ['webhooks.read', 'webhooks.write']],
  ['chats', ['chats.read', 'chats.write']],
  ['logs', ['logs.read', 'logs.write']],
  ['tokens', ['tokens.read', 'tokens.write']],
  ['blacklists', ['blacklists.read', 'blacklists.write']],
  ['whitelists', ['whitelists.read', 'whitelists.write']],
  ['audit', ['audit.read']],
  ['account', ['account']],
  ['administrator', ['administrator']],
]
