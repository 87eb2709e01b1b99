"""What a person does at a shell: one module a command, which cli lists; beside them what several of them share."""
