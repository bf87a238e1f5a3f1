# Completion of dropline in bash. In ~/.bashrc: eval "$(dropline completion bash)"
_dropline() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done < <(dropline __complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    case "${COMPREPLY[0]-}" in
        *[:=\<\>~,]) compopt -o nospace 2>/dev/null ;;
    esac
}
complete -o default -F _dropline dropline
