package manageapi

import (
	"net/http"

	"github.com/latchkey-dev/latchkey/api"
	"github.com/latchkey-dev/latchkey/internal/latchkey"
)

const (
	get    = http.MethodGet
	post   = http.MethodPost
	put    = http.MethodPut
	patch  = http.MethodPatch
	remove = http.MethodDelete
)

// routes is every call of the API: method, path, status of success, the
// permission that it needs (or public, or signedIn), rate class, id, summary,
// handler.
func (s *surface) routes() []section {
	return []section{
		{"Setup and sign-in", []route{
			{post, "/setup", 201, public, rateAuth, "setup", "Make the server's first account", returningCookie(s.setup)},
			{post, "/session", 201, public, rateAuth, "sign-in", "Sign in to the dashboard", returningCookie(s.signIn)},
			{get, "/session", 200, signedIn, rateRead, "get-session", "Get the dashboard session of the cookie", one(s, s.currentSession, itself[api.CurrentSession])},
			{remove, "/session", 204, signedIn, rateWrite, "sign-out", "Sign out of the dashboard", silentCookie(s.signOut)},
		}},
		{"Account", []route{
			{get, "/account", 200, latchkey.PermAccount, rateRead, "get-account", "Get your account", one(s, s.account, account)},
			{post, "/account/password", 204, signedIn, rateAuth, "change-password", "Change your password and end your other sessions", silent(s.changePassword)},
			{get, "/account/sessions", 200, latchkey.PermAccount, rateRead, "list-account-sessions", "List your dashboard sessions", returning(s.listAccountSessions)},
			{remove, "/account/sessions/{account_session}", 204, latchkey.PermAccount, rateWrite, "end-account-session", "End one of your dashboard sessions", silent(s.endAccountSession)},
			{get, "/api-keys", 200, latchkey.PermAccount, rateRead, "list-api-keys", "List your API keys", returning(s.listAPIKeys)},
			{post, "/api-keys", 201, latchkey.PermAccount, rateWrite, "create-api-key", "Create an API key", one(s, s.createAPIKey, apiKeyCreated, repeatable)},
			{remove, "/api-keys/{api_key}", 204, latchkey.PermAccount, rateWrite, "delete-api-key", "Revoke an API key at once", silent(s.deleteAPIKey)},
		}},
		{"Server", []route{
			{get, "/accounts", 200, latchkey.PermAdministrator, rateRead, "list-accounts", "List the accounts of this server", returning(s.listAccounts)},
			{post, "/accounts", 201, latchkey.PermAdministrator, rateAuth, "create-account", "Create an account", one(s, s.createAccount, account, repeatable)},
			{get, "/audit-events", 200, latchkey.PermAdministrator, rateRead, "list-server-audit-events", "List audit events that concern no single application", returning(s.listServerAuditEvents)},
		}},
		{"Applications", []route{
			{get, "/apps", 200, latchkey.PermAppsRead, rateRead, "list-apps", "List applications", returning(s.listApps)},
			{post, "/apps", 201, latchkey.PermAppsCreate, rateWrite, "create-app", "Create an application", one(s, s.createApp, appCreated, repeatable)},
			{get, "/apps/{app}", 200, latchkey.PermAppsRead, rateRead, "get-app", "Get an application", one(s, s.getApp, app)},
			{get, "/apps/{app}/stats", 200, latchkey.PermAppsRead, rateRead, "get-app-stats", "Get how many licenses and users an application has", one(s, s.appStats, appStats)},
			{patch, "/apps/{app}", 200, latchkey.PermAppsUpdate, rateWrite, "update-app", "Change an application's name, settings and messages", one(s, s.updateApp, app, matched)},
			{remove, "/apps/{app}", 204, latchkey.PermAppsDelete, rateBulk, "delete-app", "Delete an application and everything in it", gone(s.deleteApp)},
			{post, "/apps/{app}/pause", 200, latchkey.PermAppsUpdate, rateWrite, "pause-app", "Pause an application; its users lose no time", one(s, s.pauseApp, app, matched)},
			{post, "/apps/{app}/resume", 200, latchkey.PermAppsUpdate, rateBulk, "resume-app", "Resume a paused application", one(s, s.resumeApp, app, matched)},
			{post, "/apps/{app}/disable", 200, latchkey.PermAppsUpdate, rateWrite, "disable-app", "Disable an application; time runs on", one(s, s.disableApp, app, matched)},
			{post, "/apps/{app}/enable", 200, latchkey.PermAppsUpdate, rateWrite, "enable-app", "Enable a disabled application", one(s, s.enableApp, app, matched)},
			{post, "/apps/{app}/clone", 201, latchkey.PermAppsCreate, rateWrite, "clone-app", "Create an application with the settings and subscriptions of another", one(s, s.cloneApp, appCreated, repeatable)},
			{get, "/apps/{app}/credentials", 200, latchkey.PermAppsSecrets, rateRead, "get-credentials", "Get an application's secrets", one(s, s.credentials, s.appSecrets)},
			{post, "/apps/{app}/credentials/rotate", 200, latchkey.PermAppsSecrets, rateWrite, "rotate-credentials", "Replace an application's secrets", one(s, s.rotateCredentials, s.appSecrets, repeatable, matched)},
			{get, "/apps/{app}/audit-events", 200, latchkey.PermAuditRead, rateRead, "list-audit-events", "List an application's audit events", returning(s.listAuditEvents)},
		}},
		{"Subscriptions", []route{
			{get, "/apps/{app}/subscriptions", 200, latchkey.PermSubscriptionsRead, rateRead, "list-subscriptions", "List subscriptions", returning(s.listSubscriptions)},
			{post, "/apps/{app}/subscriptions", 201, latchkey.PermSubscriptionsWrite, rateWrite, "create-subscription", "Create a subscription", one(s, s.createSubscription, subscription, repeatable)},
			{get, "/apps/{app}/subscriptions/{subscription}", 200, latchkey.PermSubscriptionsRead, rateRead, "get-subscription", "Get a subscription", one(s, s.getSubscription, subscription)},
			{patch, "/apps/{app}/subscriptions/{subscription}", 200, latchkey.PermSubscriptionsWrite, rateWrite, "update-subscription", "Rename a subscription or change its level", one(s, s.updateSubscription, subscription, matched)},
			{remove, "/apps/{app}/subscriptions/{subscription}", 204, latchkey.PermSubscriptionsWrite, rateBulk, "delete-subscription", "Delete a subscription", gone(s.deleteSubscription)},
			{post, "/apps/{app}/subscriptions/{subscription}/pause", 200, latchkey.PermSubscriptionsWrite, rateWrite, "pause-subscription", "Pause a subscription; its holders lose no time", one(s, s.pauseSubscription, subscription, matched)},
			{post, "/apps/{app}/subscriptions/{subscription}/resume", 200, latchkey.PermSubscriptionsWrite, rateBulk, "resume-subscription", "Resume a paused subscription", one(s, s.resumeSubscription, subscription, matched)},
		}},
		{"Licenses", []route{
			{get, "/apps/{app}/licenses", 200, latchkey.PermLicensesRead, rateRead, "list-licenses", "List and search licenses", returning(s.listLicenses)},
			{post, "/apps/{app}/licenses", 201, latchkey.PermLicensesCreate, rateBulk, "create-licenses", "Create licenses", writing[createLicensesInput, api.LicensesCreated](s.createLicenses, linesType)},
			{post, "/apps/{app}/licenses/extend", 200, latchkey.PermLicensesUpdate, rateBulk, "extend-licenses", "Extend the unused ones of many licenses", writing[extendLicensesInput, api.LicensesChanged](s.extendLicenses, linesType)},
			{post, "/apps/{app}/licenses/ban", 200, latchkey.PermLicensesBan, rateBulk, "ban-licenses", "Ban many licenses", writing[banLicensesInput, api.LicensesChanged](s.banLicenses, linesType)},
			{post, "/apps/{app}/licenses/unban", 200, latchkey.PermLicensesBan, rateBulk, "unban-licenses", "Lift the bans of many licenses", writing[unbanLicensesInput, api.LicensesChanged](s.unbanLicenses, linesType)},
			{post, "/apps/{app}/licenses/delete", 200, latchkey.PermLicensesDelete, rateBulk, "delete-licenses", "Delete many licenses", writing[deleteLicensesInput, api.LicensesChanged](s.deleteLicenses, linesType)},
			{get, "/apps/{app}/licenses/export", 200, latchkey.PermLicensesRead, rateRead, "export-licenses", "Export all licenses of an application, or those that a filter leaves", writing[exportLicensesInput, []api.License](s.exportLicenses, exportMedia()...)},
			{post, "/apps/{app}/licenses/import", 200, latchkey.PermLicensesCreate, rateBulk, "import-licenses", "Import licenses from a file", reading[api.ImportedLicense](writing[importLicensesInput, api.ImportReport](s.importLicenses, linesType))},
			{get, "/apps/{app}/licenses/{license}", 200, latchkey.PermLicensesRead, rateRead, "get-license", "Get a license", one(s, s.getLicense, licenseView)},
			{patch, "/apps/{app}/licenses/{license}", 200, latchkey.PermLicensesUpdate, rateWrite, "update-license", "Change a license's level, note or duration", one(s, s.updateLicense, licenseView, matched)},
			{remove, "/apps/{app}/licenses/{license}", 204, latchkey.PermLicensesDelete, rateWrite, "delete-license", "Delete a license", gone(s.deleteLicense)},
			{post, "/apps/{app}/licenses/{license}/ban", 200, latchkey.PermLicensesBan, rateWrite, "ban-license", "Ban a license", one(s, s.banLicense, licenseView, matched)},
			{post, "/apps/{app}/licenses/{license}/unban", 200, latchkey.PermLicensesBan, rateWrite, "unban-license", "Lift a license's ban", one(s, s.unbanLicense, licenseView, matched)},
			{post, "/apps/{app}/licenses/{license}/extend", 200, latchkey.PermLicensesUpdate, rateWrite, "extend-license", "Extend an unused license", one(s, s.extendLicense, licenseView, repeatable, matched)},
		}},
		{"Users", []route{
			{get, "/apps/{app}/users", 200, latchkey.PermUsersRead, rateRead, "list-users", "List and search users", returning(s.listUsers)},
			{post, "/apps/{app}/users", 201, latchkey.PermUsersCreate, rateWrite, "create-user", "Create a user", one(s, s.createUser, s.user, repeatable)},
			{post, "/apps/{app}/users/time", 200, latchkey.PermUsersUpdate, rateBulk, "change-time", "Give time to, or take it from, many users", writing[changeTimeInput, api.UsersChanged](s.changeTime, linesType)},
			{post, "/apps/{app}/users/delete", 200, latchkey.PermUsersDelete, rateBulk, "delete-users", "Delete many users", writing[userSelectionInput, api.UsersChanged](s.deleteUsers, linesType)},
			{post, "/apps/{app}/users/reset-devices", 200, latchkey.PermUsersUpdate, rateBulk, "reset-devices", "Unbind the devices of many users", writing[userSelectionInput, api.UsersChanged](s.resetDevices, linesType)},
			{post, "/apps/{app}/users/ban", 200, latchkey.PermUsersBan, rateBulk, "ban-users", "Ban many users", writing[banUsersInput, api.UsersChanged](s.banUsers, linesType)},
			{post, "/apps/{app}/users/unban", 200, latchkey.PermUsersBan, rateBulk, "unban-users", "Lift the bans of many users", writing[userSelectionInput, api.UsersChanged](s.unbanUsers, linesType)},
			{get, "/apps/{app}/users/{user}", 200, latchkey.PermUsersRead, rateRead, "get-user", "Get a user", one(s, s.getUser, s.user)},
			{patch, "/apps/{app}/users/{user}", 200, latchkey.PermUsersUpdate, rateWrite, "update-user", "Change a user", one(s, s.updateUser, s.user, matched)},
			{remove, "/apps/{app}/users/{user}", 204, latchkey.PermUsersDelete, rateWrite, "delete-user", "Delete a user", gone(s.deleteUser)},
			{post, "/apps/{app}/users/{user}/ban", 200, latchkey.PermUsersBan, rateWrite, "ban-user", "Ban a user", one(s, s.banUser, s.user, matched)},
			{post, "/apps/{app}/users/{user}/unban", 200, latchkey.PermUsersBan, rateWrite, "unban-user", "Lift a user's ban", one(s, s.unbanUser, s.user, matched)},
			{post, "/apps/{app}/users/{user}/two-factor/disable", 200, latchkey.PermUsersUpdate, rateWrite, "disable-two-factor", "Remove a user's second factor", one(s, s.disableTwoFactor, s.user, matched)},
			{post, "/apps/{app}/users/{user}/sign-in-token", 201, latchkey.PermUsersUpdate, rateWrite, "create-sign-in-token", "Create a token that signs a user in to a program once", one(s, s.createSignInToken, signInToken, repeatable)},
			{post, "/apps/{app}/users/{user}/redeem", 200, latchkey.PermUsersUpdate, rateWrite, "redeem-license", "Redeem a license for a user", one(s, s.redeemLicense, s.user, repeatable, matched)},
			{post, "/apps/{app}/users/{user}/reset-devices", 200, latchkey.PermUsersUpdate, rateWrite, "reset-user-devices", "Unbind a user's devices", one(s, s.resetUserDevices, itself[api.Change], matched)},
			{post, "/apps/{app}/users/{user}/subscriptions", 200, latchkey.PermUsersUpdate, rateWrite, "add-user-subscription", "Give a user a subscription, or more time of it", one(s, s.addUserSubscription, s.user, repeatable, matched)},
			{remove, "/apps/{app}/users/{user}/subscriptions/{subscription}", 200, latchkey.PermUsersUpdate, rateWrite, "remove-user-subscription", "Take a subscription from a user", one(s, s.removeUserSubscription, s.user, matched)},
			{post, "/apps/{app}/users/{user}/subscriptions/{subscription}/pause", 200, latchkey.PermUsersUpdate, rateWrite, "pause-user-subscription", "Pause a subscription for one user", one(s, s.pauseUserSubscription, s.user, matched)},
			{post, "/apps/{app}/users/{user}/subscriptions/{subscription}/resume", 200, latchkey.PermUsersUpdate, rateWrite, "resume-user-subscription", "Resume a subscription for one user", one(s, s.resumeUserSubscription, s.user, matched)},
			{remove, "/apps/{app}/users/{user}/devices/{device}", 204, latchkey.PermUsersUpdate, rateWrite, "unbind-device", "Unbind one device of a user", gone(s.unbindDevice)},
			{get, "/apps/{app}/users/{user}/sign-ins", 200, latchkey.PermUsersRead, rateRead, "list-sign-ins", "List a user's sign-ins", returning(s.listSignIns)},
		}},
		{"Logs", []route{
			{get, "/apps/{app}/logs", 200, latchkey.PermLogsRead, rateRead, "list-logs", "List and search what programs reported", returning(s.listLogs)},
			{get, "/apps/{app}/logs/export", 200, latchkey.PermLogsRead, rateRead, "export-logs", "Export log lines", writing[exportLogsInput, []api.LogLine](s.exportLogs, linesType, "text/csv")},
			{post, "/apps/{app}/logs/delete", 200, latchkey.PermLogsWrite, rateBulk, "delete-logs", "Delete many log lines", writing[deleteLogsInput, api.LogsChanged](s.deleteLogs, linesType)},
			{remove, "/apps/{app}/logs/{log}", 204, latchkey.PermLogsWrite, rateWrite, "delete-log", "Delete a log line", silent(s.deleteLog)},
			{get, "/apps/{app}/log-webhook", 200, latchkey.PermLogsRead, rateRead, "get-log-webhook", "Get whether log lines are posted to a Discord channel", one(s, s.getLogWebhook, logWebhook)},
			{put, "/apps/{app}/log-webhook", 200, latchkey.PermLogsWrite, rateWrite, "set-log-webhook", "Have log lines posted to a Discord channel", one(s, s.setLogWebhook, logWebhook)},
			{remove, "/apps/{app}/log-webhook", 204, latchkey.PermLogsWrite, rateWrite, "delete-log-webhook", "Stop posting log lines", silent(s.deleteLogWebhook)},
		}},
		{"Deliveries", []route{
			{get, "/apps/{app}/deliveries", 200, latchkey.PermAppsRead, rateRead, "list-deliveries", "List mails and messages that wait to be sent, or were given up", returning(s.listDeliveries)},
			{post, "/apps/{app}/deliveries/retry", 200, latchkey.PermAppsUpdate, rateBulk, "retry-deliveries", "Try all failed deliveries again", returning(s.retryDeliveries)},
			{post, "/apps/{app}/deliveries/delete", 200, latchkey.PermAppsUpdate, rateBulk, "delete-deliveries", "Delete all failed deliveries", returning(s.deleteDeliveries)},
			{post, "/apps/{app}/deliveries/{delivery}/retry", 200, latchkey.PermAppsUpdate, rateWrite, "retry-delivery", "Try a failed delivery again", one(s, s.retryDelivery, delivery)},
			{remove, "/apps/{app}/deliveries/{delivery}", 204, latchkey.PermAppsUpdate, rateWrite, "delete-delivery", "Delete a failed delivery", silent(s.deleteDelivery)},
		}},
		{"Variables", []route{
			{get, "/apps/{app}/variables", 200, latchkey.PermVariablesRead, rateRead, "list-variables", "List and search an application's variables, without their values", returning(s.listVariables)},
			{post, "/apps/{app}/variables", 201, latchkey.PermVariablesWrite, rateWrite, "create-variable", "Create a variable", upTo(maxVariableBody, one(s, s.createVariable, variable, repeatable))},
			{get, "/apps/{app}/variables/{variable}", 200, latchkey.PermVariablesRead, rateRead, "get-variable", "Get a variable with its value", one(s, s.getVariable, variable)},
			{patch, "/apps/{app}/variables/{variable}", 200, latchkey.PermVariablesWrite, rateWrite, "update-variable", "Change a variable; programs get the new value at their next call", upTo(maxVariableBody, one(s, s.updateVariable, variable, matched))},
			{remove, "/apps/{app}/variables/{variable}", 204, latchkey.PermVariablesWrite, rateWrite, "delete-variable", "Delete a variable", gone(s.deleteVariable)},
			{get, "/apps/{app}/users/{user}/variables", 200, latchkey.PermVariablesRead, rateRead, "list-user-variables", "List a user's variables", returning(s.listUserVariables)},
			{post, "/apps/{app}/users/{user}/variables", 200, latchkey.PermVariablesWrite, rateWrite, "set-user-variable", "Make a variable of a user, or change the one of its name", one(s, s.setUserVariable, userVariable, repeatable)},
			{get, "/apps/{app}/users/{user}/variables/{user_variable}", 200, latchkey.PermVariablesRead, rateRead, "get-user-variable", "Get a variable of a user", one(s, s.getUserVariable, userVariable)},
			{patch, "/apps/{app}/users/{user}/variables/{user_variable}", 200, latchkey.PermVariablesWrite, rateWrite, "update-user-variable", "Change a variable of a user", one(s, s.updateUserVariable, userVariable, matched)},
			{remove, "/apps/{app}/users/{user}/variables/{user_variable}", 204, latchkey.PermVariablesWrite, rateWrite, "delete-user-variable", "Delete a variable of a user", gone(s.deleteUserVariable)},
			{post, "/apps/{app}/users/set-variable", 200, latchkey.PermVariablesWrite, rateBulk, "set-user-variables", "Set a variable of many users", writing[setUserVariablesInput, api.UsersChanged](s.setUserVariables, linesType)},
			{post, "/apps/{app}/users/delete-variable", 200, latchkey.PermVariablesWrite, rateBulk, "delete-user-variables", "Delete a variable from many users", writing[deleteUserVariablesInput, api.UsersChanged](s.deleteUserVariables, linesType)},
		}},
		{"Files", []route{
			{get, "/apps/{app}/files", 200, latchkey.PermFilesRead, rateRead, "list-files", "List and search files", returning(s.listFiles)},
			{post, "/apps/{app}/files", 201, latchkey.PermFilesWrite, rateWrite, "upload-file", "Upload a file", uploading(s, s.stageUpload, s.uploadFile, file, repeatable)},
			{post, "/apps/{app}/files/link", 201, latchkey.PermFilesWrite, rateWrite, "link-file", "Add a file that lies behind a link", one(s, s.linkFile, file, repeatable)},
			{get, "/apps/{app}/files/{file}", 200, latchkey.PermFilesRead, rateRead, "get-file", "Get a file's description", one(s, s.getFile, file)},
			{patch, "/apps/{app}/files/{file}", 200, latchkey.PermFilesWrite, rateWrite, "update-file", "Change a file's name, link and who gets it", one(s, s.updateFile, file, matched)},
			{remove, "/apps/{app}/files/{file}", 204, latchkey.PermFilesWrite, rateWrite, "delete-file", "Delete a file", gone(s.deleteFile)},
			{get, "/apps/{app}/files/{file}/content", 200, latchkey.PermFilesRead, rateRead, "get-file-content", "Download a file, or a range of it", downloading(s.getFileContent)},
			{post, "/apps/{app}/files/{file}/content", 200, latchkey.PermFilesWrite, rateWrite, "replace-file-content", "Give a file another content", uploading(s, s.stageReplacement, s.replaceFile, file, repeatable, matched)},
		}},
		{"Webhooks", []route{
			{get, "/apps/{app}/webhooks", 200, latchkey.PermWebhooksRead, rateRead, "list-webhooks", "List webhooks that programs may call", returning(s.listWebhooks)},
			{post, "/apps/{app}/webhooks", 201, latchkey.PermWebhooksWrite, rateWrite, "create-webhook", "Create a webhook", one(s, s.createWebhook, webhook, repeatable)},
			{get, "/apps/{app}/webhooks/{webhook}", 200, latchkey.PermWebhooksRead, rateRead, "get-webhook", "Get a webhook", one(s, s.getWebhook, webhook)},
			{patch, "/apps/{app}/webhooks/{webhook}", 200, latchkey.PermWebhooksWrite, rateWrite, "update-webhook", "Change a webhook", one(s, s.updateWebhook, webhook, matched)},
			{remove, "/apps/{app}/webhooks/{webhook}", 204, latchkey.PermWebhooksWrite, rateWrite, "delete-webhook", "Delete a webhook", gone(s.deleteWebhook)},
			{post, "/apps/{app}/webhooks/{webhook}/test", 200, latchkey.PermWebhooksWrite, rateWrite, "test-webhook", "Call a webhook once and tell whether it answers", returning(s.testWebhook)},
		}},
		{"Tokens", []route{
			{get, "/apps/{app}/tokens", 200, latchkey.PermTokensRead, rateRead, "list-tokens", "List and search the tokens that programs come with", returning(s.listTokens)},
			{post, "/apps/{app}/tokens", 201, latchkey.PermTokensWrite, rateWrite, "create-token", "Create the token of a user or of a license", one(s, s.createToken, token, repeatable)},
			{get, "/apps/{app}/tokens/{token}", 200, latchkey.PermTokensRead, rateRead, "get-token", "Get a token", one(s, s.getToken, token)},
			{remove, "/apps/{app}/tokens/{token}", 204, latchkey.PermTokensWrite, rateWrite, "delete-token", "Delete a token", gone(s.deleteToken)},
			{post, "/apps/{app}/tokens/{token}/blacklist", 200, latchkey.PermTokensWrite, rateWrite, "blacklist-token", "Refuse programs that come with a token", one(s, s.blacklistToken, token, matched)},
			{post, "/apps/{app}/tokens/{token}/unblacklist", 200, latchkey.PermTokensWrite, rateWrite, "unblacklist-token", "Let programs in with a blacklisted token again", one(s, s.unblacklistToken, token, matched)},
			{post, "/apps/{app}/tokens/{token}/reset", 200, latchkey.PermTokensWrite, rateWrite, "reset-token", "Unbind a token from its file", one(s, s.resetToken, token, matched)},
			{post, "/apps/{app}/licenses/create-tokens", 200, latchkey.PermTokensWrite, rateBulk, "create-tokens", "Create a token for each unused license that has none", writing[createTokensInput, api.LicensesChanged](s.createTokens, linesType)},
		}},
		{"Sessions", []route{
			{get, "/apps/{app}/sessions", 200, latchkey.PermSessionsRead, rateRead, "list-sessions", "List open sessions", returning(s.listSessions)},
			{remove, "/apps/{app}/sessions", 200, latchkey.PermSessionsKill, rateBulk, "kill-sessions", "End every session, or every one of a user", returning(s.killSessions)},
			{remove, "/apps/{app}/sessions/{session}", 204, latchkey.PermSessionsKill, rateWrite, "kill-session", "End a session", silent(s.killSession)},
		}},
		{"Chats", []route{
			{get, "/apps/{app}/chats", 200, latchkey.PermChatsRead, rateRead, "list-chats", "List chat channels", returning(s.listChats)},
			{post, "/apps/{app}/chats", 201, latchkey.PermChatsWrite, rateWrite, "create-chat", "Create a chat channel", one(s, s.createChat, chat, repeatable)},
			{get, "/apps/{app}/chats/{chat}", 200, latchkey.PermChatsRead, rateRead, "get-chat", "Get a chat channel", one(s, s.getChat, chat)},
			{patch, "/apps/{app}/chats/{chat}", 200, latchkey.PermChatsWrite, rateWrite, "update-chat", "Change a chat channel", one(s, s.updateChat, chat, matched)},
			{remove, "/apps/{app}/chats/{chat}", 204, latchkey.PermChatsWrite, rateWrite, "delete-chat", "Delete a chat channel and everything said in it", gone(s.deleteChat)},
			{get, "/apps/{app}/chats/{chat}/messages", 200, latchkey.PermChatsRead, rateRead, "list-chat-messages", "List what was said in a chat channel", returning(s.listChatMessages)},
			{post, "/apps/{app}/chats/{chat}/messages", 201, latchkey.PermChatsWrite, rateWrite, "send-chat-message", "Say something in a chat channel, as the seller", one(s, s.sendChatMessage, chatMessage, repeatable)},
			{remove, "/apps/{app}/chats/{chat}/messages", 200, latchkey.PermChatsWrite, rateWrite, "clear-chat", "Delete everything said in a chat channel", returning(s.clearChat)},
			{remove, "/apps/{app}/chats/{chat}/messages/{message}", 204, latchkey.PermChatsWrite, rateWrite, "delete-chat-message", "Delete a chat message", silent(s.deleteChatMessage)},
			{get, "/apps/{app}/chat-mutes", 200, latchkey.PermChatsRead, rateRead, "list-chat-mutes", "List the users who are muted in chats", returning(s.listChatMutes)},
			{post, "/apps/{app}/chat-mutes", 201, latchkey.PermChatsWrite, rateWrite, "mute-user", "Mute a user in all chats", one(s, s.muteUser, chatMute, repeatable)},
			{remove, "/apps/{app}/chat-mutes/{mute}", 204, latchkey.PermChatsWrite, rateWrite, "unmute-user", "Lift a mute", silent(s.unmute)},
		}},
		{"Blacklists", []route{
			{get, "/apps/{app}/blacklists", 200, latchkey.PermBlacklistsRead, rateRead, "list-blacklist", "List and search a blacklist", returning(s.listBlacklist)},
			{post, "/apps/{app}/blacklists", 201, latchkey.PermBlacklistsWrite, rateWrite, "create-blacklist-entry", "Put an entry on a blacklist", one(s, s.createBlacklistEntry, accessEntry, repeatable)},
			{post, "/apps/{app}/blacklists/import", 200, latchkey.PermBlacklistsWrite, rateBulk, "import-blacklist", "Put every line of a text on a blacklist", readingLines(writing[importAccessInput, api.AccessImported](s.importBlacklist))},
			{post, "/apps/{app}/blacklists/delete", 200, latchkey.PermBlacklistsWrite, rateBulk, "delete-blacklist-entries", "Take many entries off a blacklist", writing[deleteAccessInput, api.AccessChanged](s.deleteBlacklistEntries, linesType)},
			{get, "/apps/{app}/blacklists/{blacklist_entry}", 200, latchkey.PermBlacklistsRead, rateRead, "get-blacklist-entry", "Get an entry of a blacklist", one(s, s.getBlacklistEntry, accessEntry)},
			{patch, "/apps/{app}/blacklists/{blacklist_entry}", 200, latchkey.PermBlacklistsWrite, rateWrite, "update-blacklist-entry", "Change the reason or end of an entry of a blacklist", one(s, s.updateBlacklistEntry, accessEntry, matched)},
			{remove, "/apps/{app}/blacklists/{blacklist_entry}", 204, latchkey.PermBlacklistsWrite, rateWrite, "delete-blacklist-entry", "Take an entry off a blacklist", gone(s.deleteBlacklistEntry)},
		}},
		{"Whitelists", []route{
			{get, "/apps/{app}/whitelists", 200, latchkey.PermWhitelistsRead, rateRead, "list-whitelist", "List and search a whitelist", returning(s.listWhitelist)},
			{post, "/apps/{app}/whitelists", 201, latchkey.PermWhitelistsWrite, rateWrite, "create-whitelist-entry", "Put an entry on a whitelist", one(s, s.createWhitelistEntry, accessEntry, repeatable)},
			{post, "/apps/{app}/whitelists/import", 200, latchkey.PermWhitelistsWrite, rateBulk, "import-whitelist", "Put every line of a text on a whitelist", readingLines(writing[importAccessInput, api.AccessImported](s.importWhitelist))},
			{post, "/apps/{app}/whitelists/delete", 200, latchkey.PermWhitelistsWrite, rateBulk, "delete-whitelist-entries", "Take many entries off a whitelist", writing[deleteAccessInput, api.AccessChanged](s.deleteWhitelistEntries, linesType)},
			{get, "/apps/{app}/whitelists/{whitelist_entry}", 200, latchkey.PermWhitelistsRead, rateRead, "get-whitelist-entry", "Get an entry of a whitelist", one(s, s.getWhitelistEntry, accessEntry)},
			{patch, "/apps/{app}/whitelists/{whitelist_entry}", 200, latchkey.PermWhitelistsWrite, rateWrite, "update-whitelist-entry", "Change the reason or end of an entry of a whitelist", one(s, s.updateWhitelistEntry, accessEntry, matched)},
			{remove, "/apps/{app}/whitelists/{whitelist_entry}", 204, latchkey.PermWhitelistsWrite, rateWrite, "delete-whitelist-entry", "Take an entry off a whitelist", gone(s.deleteWhitelistEntry)},
		}},
	}
}
