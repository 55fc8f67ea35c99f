"""İYS, the register of permissions for commercial messages: asked before each, told what we know, listened to."""
