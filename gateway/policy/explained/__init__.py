"""Why a case comes to what it does, in sentences, for who answers for it."""
