package legacyapi

// refusal is the error of a call that this wire itself refuses, because of a
// parameter: its text is all that the program gets, under HTTP 200. Refusals of
// the domain are latchkey errors; message.go has the texts of those.
type refusal struct{ text string }

func (r refusal) Error() string { return r.text }

// reworded is a refusal of the domain that reads differently after a certain
// call.
type reworded struct {
	error
	text string
}

func (r reworded) Unwrap() error { return r.error }

// The wire's own texts, in the order of the checks. Published programs compare
// them whole or in part, the spelling included, so they stay letter for letter.
const (
	textNoOwnerID           = "No OwnerID specified. Select app & copy code snippet from https://keyauth.cc/app/"
	textNoName              = "No app name specified. Select app & copy code snippet from https://keyauth.cc/app/"
	textOwnerIDLength       = "OwnerID should be 10 characters long. Select app & copy code snippet from https://keyauth.cc/app/"
	textNoSuchApp           = "KeyAuth_Invalid"
	textNoSession           = "Session not found. If you get this frequently, ask the developer to use the latest example code"
	textUnknownType         = "The value inputted for type paramater was not found"
	textUnhandledType       = "Unhandled Type" // 1.0
	textEncKeyLong          = `The paramater "enckey" is too long. Must be 35 characters or less.`
	textEncKeyRequired      = "No encryption key supplied, encryption is forced."
	textInvalidVersion      = "invalidver"
	textUsernameLong        = "Username must be shorter than 70 characters"
	textKeyLong             = "Key must be shorter than 70 characters"
	textHWIDForced          = "Force HWID is enabled, disable in app settings if you want to use blank HWIDs"
	textHWIDShort           = "HWID must be %d or more characters, change this in app settings."
	textTokenRequired       = "Token Must Be Provided"
	textTokenHashRequired   = "Hash Must Be Provided"
	textTokenBlacklisted    = "The Token Has Been Blacklisted For The Following Reason: %s Contact Application Developer If This Is A Mistake"
	textTokenHash           = "Token File Hashes Must Be The Same"
	textTwoFactorWrong      = "Invalid code please try again"
	textTwoFactorEnabled    = "2fa is already enabled on this account"
	textTwoFactorNotEnabled = "2fa is not enabled on this account"
	textTwoFactorNotPending = "2fa session has expired"
	textTwoFactorDisable    = "Please provide the 2fa code to disable 2fa"
	textTwoFactorOn         = "2fa successfully activated"
	textNameUsed            = "Username already used!"
	textRenameFailed        = "Failed to change username!"
	textRenamed             = "Successfully changed username, user logged out."
	textReasonLong          = "Reason must be 99 characters or less"
	textBanned              = "Successfully Banned User"
	textVariableNotFound    = "Variable not found."
	textVariableReadOnly    = "Variable is read only"
	textVariableNotSet      = "Failed to set variable"
	textNoVariableName      = "No variable name provided"
	textNoVariableData      = "No variable data provided"
	textVariableDataLong    = "Variable data must be 500 characters or less"
	textNoUserVariable      = "Variable not found for user"
	textFileNotFound        = "File not Found"
	textFileUnavailable     = "File no longer works, please notify the application developer."
	textWebhookNotFound     = "Webhook Not Found."
	textForgot              = "Successfully sent email to change password."
	textLogAbsent           = "No log data specified"
	textLogLong             = "Log data too long"
	textChatNotFound        = "Chat channel not found"
	textChatMuted           = "You're muted from chat until %s"
	textChatBlank           = "Message can't be blank"
	textChatLong            = "Message too long!"
	textChatRead            = "Successfully retrieved chat messages"
	textChatSent            = "Successfully sent chat message"
	textFileDone            = "File download successful"
	textWebhookDone         = "Webhook request successful"
	textInitialized         = "Initialized"
	textUpgraded            = "Upgraded successfully"
	textValidated           = "Session is validated."
	textVariableSet         = "Successfully set variable"
	textVariableRead        = "Successfully retrieved variable"
	textLoggedOut           = "Successfully logged out."
	textOnline              = "Successfully fetched online users."
	textNobodyOnline        = "No online users found!"
	textStats               = "Successfully fetched stats"
	textBlacklisted         = "Client is blacklisted"
	textNotBlacklisted      = "Client is not blacklisted"
)

// Texts of our own.
const (
	textFileLarge         = "The file is larger than 16 MiB, which this version of the client API cannot give. It takes the native protocol."
	textLogged            = "The log line has been kept."
	textTwoFactorRequired = "Enter the code of your authenticator app."
	textTwoFactorOff      = "2fa successfully disabled"
	textUndecipherable    = "The request cannot be decrypted. Check the secret in your program."

	textNotText    = "A parameter is not valid UTF-8 text."
	textUnreadable = "The form could not be read."
	textEncoded    = "Send the form without content encoding."
	textNoPath     = "There is no such version of the client API."
	textMethod     = "Use POST or GET."
	textInternal   = "Error: something went wrong on the server. Try again in a moment."
)
