"""Image hosts: where a cover lies in the web, for sites that want its address."""
